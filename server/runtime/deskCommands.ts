import { createHash } from 'node:crypto';
import type { Actor } from '../../shared/domain/actor.ts';
import { unavailable, wireError } from '../../shared/protocol/errors.ts';
import { ops } from '../../shared/protocol/ops.ts';
import { canonicalJson } from '../../shared/view/hashView.ts';
import type { Command } from '../core/commands.ts';
import type { CommandEnvelope, CommandReply, DeskCommands } from '../ports/deskGateway.ts';
import type { DeskLog } from '../ports/deskLog.ts';
import type { Logger } from '../ports/logger.ts';
import { commandOf, DEFAULT_DEPOSIT } from './commandOf.ts';
import { asleepReply, DeskAsleep, type DeskWaker } from './deskWaker.ts';
import type { Engine } from './engine.ts';
import { InOrder } from './inOrder.ts';
import { decodeReply } from './storedReplies.ts';
import { awayReply, StoreAway } from './storeHealth.ts';

/** A command, or what may be known of one that sets keys. */
type Taken = Omit<CommandEnvelope, 'op'> & { op: CommandEnvelope['op'] | 'accounts.setKeys' };

type Prepare = () => Command | Promise<Command>;

interface UnderWay {
  argsHash: string;
  reply: Promise<CommandReply>;
}

/** Commands of users to their desks: each id has one effect and one answer, however often it arrives. */
export class EngineCommands implements DeskCommands {
  readonly #engine: Engine;
  readonly #waker: DeskWaker;
  readonly #log: DeskLog;
  readonly #logger: Logger;
  /** The venue where a new user's account is opened. */
  readonly #firstVenue: string;
  /** Null: every desk that is to be awake is back. */
  #recovered: Promise<void> | null;
  readonly #underWay = new Map<string, UnderWay>();
  readonly #opening = new Map<string, Promise<void>>();
  /** By desk: the store answers who asked later first, now and then. */
  readonly #lookups = new InOrder();

  constructor(options: {
    engine: Engine;
    waker: DeskWaker;
    log: DeskLog;
    logger: Logger;
    firstVenue: string;
    /**
     * Resolves when every desk that is to be awake is back. Before, no desk is opened, no command decided and no answer
     * looked up: devices are back sooner than that, and what a former process was committing may still come to be stored.
     */
    recovered: Promise<void>;
  }) {
    this.#engine = options.engine;
    this.#waker = options.waker;
    this.#log = options.log;
    this.#logger = options.logger;
    this.#firstVenue = options.firstVenue;
    this.#recovered = options.recovered;
    void options.recovered.then(() => {
      this.#recovered = null;
    });
  }

  async open(deskId: string): Promise<void> {
    if (this.#recovered !== null) await this.#recovered;
    const { desk } = await this.#waker.wake(deskId);
    if (desk.opened) return;
    const known = this.#opening.get(deskId);
    if (known !== undefined) return known;
    const opening = this.#open(deskId).finally(() => this.#opening.delete(deskId));
    this.#opening.set(deskId, opening);
    return opening;
  }

  async #open(deskId: string): Promise<void> {
    const input = { type: 'OpenDesk', venue: this.#firstVenue, deposit: DEFAULT_DEPOSIT } as const;
    const opened = new Promise<CommandReply>((answer) => {
      this.#engine.submit(deskId, input, { record: null, validUntil: null, isExit: false, answer });
    });
    const reply = await this.#engine.health.unlessAway(opened);
    if (!reply.ok) throw new Error(reply.error.message);
  }

  async attend(deskId: string): Promise<void> {
    if (this.#engine.health.degradation === null) await this.open(deskId);
  }

  async execute(deskId: string, command: CommandEnvelope): Promise<CommandReply> {
    const { op, args } = command;
    // Not even a repeat can be looked up, and nothing may be done before it is committed.
    if (this.#engine.health.degradation !== null) return this.#away(args);
    return this.#once(deskId, command, () => commandOf(op, args));
  }

  /**
   * As `execute`, of a command that `prepare` makes of what the engine must not see, once its id is known to be new. `hashed`:
   * what tells it from others of its id.
   */
  async executePrepared(
    deskId: string,
    envelope: Omit<CommandEnvelope, 'op' | 'args'>,
    hashed: { accountId: string },
    prepare: () => Promise<Command>,
  ): Promise<CommandReply> {
    if (this.#engine.health.degradation !== null) return this.#away(hashed);
    return this.#once(deskId, { ...envelope, op: 'accounts.setKeys', args: hashed }, prepare);
  }

  async #once(deskId: string, command: Taken, prepare: Prepare): Promise<CommandReply> {
    const { op, args, commandId } = command;
    const argsHash = createHash('sha256').update(canonicalJson({ op, args })).digest('hex');
    const key = `${deskId}|${commandId}`;
    const known = this.#underWay.get(key);
    if (known !== undefined) return known.argsHash === argsHash ? known.reply : reused(commandId);
    const reply = this.#first(deskId, command, argsHash, prepare).catch((error: unknown): CommandReply => {
      if (error instanceof StoreAway) return this.#away(args);
      if (error instanceof DeskAsleep) return asleepReply(error);
      this.#logger.error({ deskId, op, error: String(error) }, 'a command could not be taken');
      return { ok: false, error: unavailable('the command could not be stored; try again') };
    });
    this.#underWay.set(key, { argsHash, reply });
    return reply.finally(() => this.#underWay.delete(key));
  }

  async #first(deskId: string, command: Taken, argsHash: string, prepare: Prepare): Promise<CommandReply> {
    const { op, commandId, expectedVersion, validUntil, actor, receivedAt } = command;
    const { health } = this.#engine;
    // Not a question to the store: that it takes long says nothing of the store.
    if (this.#recovered !== null) await this.#recovered;
    const lookup = health.unlessAway(this.#log.command(deskId, commandId));
    const stored = await this.#lookups.take(deskId, lookup);
    if (stored !== undefined) {
      return stored.argsHash === argsHash ? decodeReply(stored.reply) : reused(commandId);
    }
    const isExit = ops[op].class === 'exit';
    await this.#serve(deskId, isExit);
    // Without a turn in between where nothing has to be prepared: commands are decided in the order in which they came.
    const prepared = prepare();
    const decided = prepared instanceof Promise ? await prepared : prepared;
    return new Promise((answer) => {
      this.#engine.submit(
        deskId,
        { type: 'Command', command: decided, commandId, expectedVersion, actor },
        {
          record: { userId: deskId, commandId, argsHash, createdAt: receivedAt },
          validUntil,
          isExit,
          answer,
        },
      );
    });
  }

  /** Keeps the answer to a command of an administrator at their own desk, under its id. Rejects with StoreAway. */
  async note(
    deskId: string,
    command: { commandId: string; argsHash: string; receivedAt: number; actor: Actor },
    result: Record<string, unknown>,
  ): Promise<CommandReply> {
    const { commandId, argsHash, receivedAt, actor } = command;
    await this.#serve(deskId, true);
    return new Promise((answer) => {
      this.#engine.submit(
        deskId,
        {
          type: 'Command',
          command: { type: 'NoteAdminAction', result },
          commandId,
          expectedVersion: null,
          actor,
        },
        // Follows from what was done already: refused, it would be asked of all desks again.
        {
          record: { userId: deskId, commandId, argsHash, createdAt: receivedAt },
          validUntil: null,
          isExit: true,
          answer,
        },
      );
    });
  }

  /** The desk is there to decide; a new one is opened first. */
  async #serve(deskId: string, isExit: boolean): Promise<void> {
    await this.#waker.ready(deskId, isExit);
    if (this.#engine.record(deskId)?.desk.opened !== true) await this.open(deskId);
  }

  #away(args: unknown): CommandReply {
    const named = args as { accountId?: unknown };
    const { accountId } = named;
    return awayReply(this.#engine.health.degradation, typeof accountId === 'string' ? { accountId } : {});
  }
}

function reused(commandId: string): CommandReply {
  const message = `commandId ${commandId} was used before with other arguments; use a new one`;
  return { ok: false, error: wireError('command_id_reused', message, { commandId }) };
}
