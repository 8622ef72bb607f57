import type { Account } from '../../shared/domain/account.ts';
import { unavailable } from '../../shared/protocol/errors.ts';
import type { AccountKeys, CommandEnvelope, CommandReply, SetKeysEnvelope } from '../ports/deskGateway.ts';
import type { Logger } from '../ports/logger.ts';
import type { VenueKeys } from '../ports/venueKeys.ts';
import type { BoundedVenue } from './boundedVenue.ts';
import type { EngineCommands } from './deskCommands.ts';
import type { DeskWaker } from './deskWaker.ts';
import { messageOf } from './messageOf.ts';

export interface KeyCommandsOptions {
  commands: EngineCommands;
  waker: DeskWaker;
  keys: VenueKeys;
  venues: ReadonlyMap<string, BoundedVenue>;
  logger: Logger;
}

/**
 * What sets keys of accounts and takes them away. Keys are encrypted and stored before their desk decides anything, which is
 * told of their tail alone: no input, no event, no stored command has more of them.
 */
export class KeyCommands implements AccountKeys {
  readonly #options: KeyCommandsOptions;
  /** By account, one after another: what is stored last and what the desk was told last are the same keys. */
  readonly #tails = new Map<string, Promise<unknown>>();

  constructor(options: KeyCommandsOptions) {
    this.#options = options;
  }

  set(deskId: string, request: SetKeysEnvelope): Promise<CommandReply> {
    return this.#inTurn(request.args.accountId, () => this.#set(deskId, request));
  }

  remove(deskId: string, command: CommandEnvelope): Promise<CommandReply> {
    const { accountId } = command.args as { accountId: string };
    return this.#inTurn(accountId, () => this.#remove(deskId, accountId, command));
  }

  async #set(deskId: string, { args, ...envelope }: SetKeysEnvelope): Promise<CommandReply> {
    const { commands, keys } = this.#options;
    const { accountId, ...parts } = args;
    const hashed = { accountId, keys: keys.fingerprint(parts) };
    const reply = await commands.executePrepared(deskId, envelope, hashed, async () => {
      const { receivedAt } = envelope;
      const account = await this.#account(deskId, accountId);
      // What the desk refuses is not stored.
      const isTaken = account !== undefined && account.book !== 'simulated';
      const { tail, setAt } = isTaken
        ? await keys.put({ userId: deskId, accountId, venue: account.venue }, parts, receivedAt)
        : { tail: '', setAt: receivedAt };
      return { type: 'SetKeys', accountId, tail, setAt };
    });
    // The account was removed in the middle.
    if (!reply.ok && reply.error.code === 'not_found') await this.#forget(deskId, accountId);
    return reply;
  }

  async #remove(deskId: string, accountId: string, command: CommandEnvelope): Promise<CommandReply> {
    const before = await this.#account(deskId, accountId).catch(() => undefined);
    const reply = await this.#options.commands.execute(deskId, command);
    if (!reply.ok) return reply;
    try {
      const account = await this.#account(deskId, accountId);
      // The answer to a command of before: keys were set again since.
      if (account?.keys !== undefined) return reply;
      await this.#forget(deskId, accountId);
      const venue = this.#options.venues.get(before?.venue ?? account?.venue ?? '');
      await venue?.forgetAccount({ accountId });
      return reply;
    } catch (error) {
      const { logger } = this.#options;
      logger.warn({ deskId, accountId, error: messageOf(error) }, 'keys of an account could not be removed');
      return { ok: false, error: unavailable('the keys could not be removed from the store; try again') };
    }
  }

  async #forget(deskId: string, accountId: string): Promise<void> {
    await this.#options.keys.remove(deskId, accountId);
  }

  async #account(deskId: string, accountId: string): Promise<Account | undefined> {
    const { desk } = await this.#options.waker.wake(deskId);
    return desk.accounts.get(accountId)?.account;
  }

  async #inTurn<T>(accountId: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(accountId) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#tails.set(accountId, mine);
    try {
      return await mine;
    } finally {
      if (this.#tails.get(accountId) === mine) this.#tails.delete(accountId);
    }
  }
}
