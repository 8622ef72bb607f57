import type { Valuation } from '../../shared/domain/account.ts';
import { ENGINE } from '../../shared/domain/actor.ts';
import type { BotLogLine } from '../../shared/domain/botNote.ts';
import { unavailable, type WireError, wireError } from '../../shared/protocol/errors.ts';
import type { OpArgs, OpResult } from '../../shared/protocol/ops.ts';
import { proposalOf, requestProblem } from '../core/command/orders.ts';
import { inScope, unknownScope } from '../core/command/scope.ts';
import { takeProfitRestsFrom } from '../core/command/takeProfitByHand.ts';
import type { Context } from '../core/context.ts';
import { type AccountState, positionsOf } from '../core/desk.ts';
import { settingsByHand } from '../core/order/awaitsSettings.ts';
import { checkOrder } from '../core/risk/checkOrder.ts';
import { valuate } from '../core/risk/valuation.ts';
import { describeStrategies } from '../core/strategy/registry.ts';
import { Turn } from '../core/turn/turn.ts';
import type { DeskQueries } from '../ports/deskGateway.ts';
import type { MarketFeed } from '../ports/marketFeed.ts';
import type { BoundedVenue } from './boundedVenue.ts';
import { orderRequestOf } from './commandOf.ts';
import type { DeskRecord } from './deskRecord.ts';
import { DeskAsleep, type DeskWaker } from './deskWaker.ts';
import { PREVIEW_ORDERS, previewAccount } from './emergencyPreview.ts';
import type { Engine } from './engine.ts';
import { errorOf } from './replyTo.ts';
import { StoreAway } from './storeHealth.ts';
import { testAccount } from './testAccount.ts';

/** Answers that need the engine's live state, or the venue's. They change nothing. */
export class EngineQueries implements DeskQueries {
  readonly #engine: Engine;
  readonly #waker: DeskWaker;
  readonly #context: Context;
  readonly #venues: ReadonlyMap<string, BoundedVenue>;
  readonly #feeds: readonly MarketFeed[];

  constructor(options: {
    engine: Engine;
    waker: DeskWaker;
    context: Context;
    venues: ReadonlyMap<string, BoundedVenue>;
    feeds: readonly MarketFeed[];
  }) {
    this.#engine = options.engine;
    this.#waker = options.waker;
    this.#context = options.context;
    this.#venues = options.venues;
    this.#feeds = options.feeds;
  }

  async query(
    deskId: string,
    _op: 'account.get',
    args: OpArgs<'account.get'>,
  ): Promise<OpResult<'account.get'> | WireError> {
    const found = await this.#account(deskId, args.accountId);
    if ('code' in found) return found;
    const { record, state } = found;
    return {
      account: state.account,
      valuation: valuate(record.desk, state, this.#context) ?? null,
      positions: positionsOf(record.desk, args.accountId),
      asOf: this.#context.wallTime,
    };
  }

  async accountTest(deskId: string, accountId: string): Promise<OpResult<'accounts.test'> | WireError> {
    const found = await this.#account(deskId, accountId);
    if ('code' in found) return found;
    const { account } = found.state;
    return { rows: await testAccount(account, this.#venues.get(account.venue)) };
  }

  async previewOrder(
    deskId: string,
    args: OpArgs<'orders.submit'>,
  ): Promise<OpResult<'orders.submit'> | WireError> {
    const found = await this.#account(deskId, args.accountId, true);
    if ('code' in found) return found;
    const { record, state } = found;
    const turn = new Turn(record.desk, this.#context, ENGINE, 'preview');
    const settings = settingsByHand(record.desk, state, args.symbol);
    const request = orderRequestOf(args);
    const problem = requestProblem(turn, state, request);
    if (problem !== undefined) return errorOf(problem);
    return {
      status: 'preview',
      ...checkOrder(turn, state, proposalOf(settings, request)),
      takeProfitRestsFrom: takeProfitRestsFrom(turn, state, request),
    };
  }

  /** Asks the venue as well: what is open there and unknown here will be closed too. */
  async previewEmergency(
    deskId: string,
    args: OpArgs<'emergency.stop'>,
  ): Promise<OpResult<'emergency.stop'> | WireError> {
    const record = await this.#record(deskId);
    if ('code' in record) return record;
    const turn = new Turn(record.desk, this.#context, ENGINE, 'preview');
    const accounts = inScope(turn, args);
    const { accountId, book } = args;
    const unknown = unknownScope(turn, { accountId, book });
    if (unknown !== undefined) return errorOf(unknown);
    const parts = await Promise.all(
      accounts.map((state) =>
        previewAccount(record.desk, state, this.#venues.get(state.account.venue), this.#context),
      ),
    );
    const orderRows = parts.flatMap((part) => part.orders);
    return {
      status: 'preview',
      positions: parts.flatMap((part) => part.positions),
      orders: orderRows.length,
      orderRows: orderRows.slice(0, PREVIEW_ORDERS),
      accounts: parts.map((part) => part.account),
    };
  }

  strategies(): OpResult<'strategies.list'> {
    return { strategies: describeStrategies() };
  }

  venues(): OpResult<'venues.list'> {
    return {
      venues: this.#feeds.map(({ venue, name, simulated, speed }) => ({
        venue,
        name,
        book: simulated ? 'simulated' : 'live',
        simulated,
        speed,
      })),
    };
  }

  valuations(deskId: string): Valuation[] {
    const record = this.#engine.record(deskId);
    if (record === undefined) return [];
    return [...record.desk.accounts.values()]
      .map((state) => valuate(record.desk, state, this.#context))
      .filter((valuation) => valuation !== undefined);
  }

  botLog(deskId: string, botId: string): BotLogLine[] {
    return this.#engine.record(deskId)?.botLogs.get(botId) ?? [];
  }

  /** The desk, woken if it sleeps; `isReady`: compared with its venues since. */
  async #record(deskId: string, isReady = false): Promise<DeskRecord | WireError> {
    try {
      if (isReady) await this.#waker.ready(deskId, false);
      return await this.#waker.wake(deskId);
    } catch (error) {
      if (error instanceof DeskAsleep || error instanceof StoreAway) return unavailable(error.message);
      throw error;
    }
  }

  async #account(
    deskId: string,
    accountId: string,
    isReady = false,
  ): Promise<{ record: DeskRecord; state: AccountState } | WireError> {
    const record = await this.#record(deskId, isReady);
    if ('code' in record) return record;
    const state = record.desk.accounts.get(accountId);
    return state === undefined ? noAccount(accountId) : { record, state };
  }
}

function noAccount(accountId: string): WireError {
  return wireError('not_found', `there is no account ${accountId}`, { what: 'account', id: accountId });
}
