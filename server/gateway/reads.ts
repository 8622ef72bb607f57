import { type WireError, wireError } from '../../shared/protocol/errors.ts';
import type { OpArgs } from '../../shared/protocol/ops.ts';
import type { View } from '../../shared/view/view.ts';
import type { CommandReply, DeskQueries, MarketData } from '../ports/deskGateway.ts';
import type { History } from '../ports/projections.ts';
import { RefusedRead } from '../ports/refusedRead.ts';
import type { DeskFeeds } from './deskFeeds.ts';
import type { DeviceReports } from './deviceReports.ts';
import type { Request } from './parseRequest.ts';
import type { Socket } from './socket.ts';
import type { UserPresence } from './users.ts';

export interface ReadContext {
  feeds: DeskFeeds;
  queries: DeskQueries;
  history: History;
  market: MarketData;
  devices: DeviceReports;
}

/** Answers what changes nothing: from the folded view, the projections, the engine or the market. */
export class Reads {
  readonly #context: ReadContext;

  constructor(context: ReadContext) {
    this.#context = context;
  }

  /** Undefined: the op is no read. Rejects when a store cannot be reached. */
  answer(user: UserPresence, socket: Socket, request: Request): Promise<CommandReply> | undefined {
    const { queries, history, devices } = this.#context;
    const deskId = user.userId;
    switch (request.op) {
      case 'venues.list':
        return Promise.resolve(found(queries.venues()));
      case 'strategies.list':
        return Promise.resolve(found(queries.strategies()));
      case 'market.instruments':
        return this.#instruments(request.args.venue);
      case 'market.candles':
        return this.#candles(user, socket, request.args);
      case 'accounts.list':
        return this.#fromView(user, (view) => found({ accounts: Object.values(view.accounts) }));
      case 'bots.list':
        return this.#fromView(user, (view) => found({ bots: Object.values(view.bots) }));
      case 'orders.list':
        return this.#ofAccount(user, request.args.accountId, (view, mine) =>
          found({ orders: Object.values(view.orders).filter(mine) }),
        );
      case 'positions.list':
        return this.#ofAccount(user, request.args.accountId, (view, mine) =>
          found({ positions: Object.values(view.positions).filter(mine) }),
        );
      case 'limits.get': {
        const { accountId, book } = request.args;
        return this.#ofAccount(user, accountId, (view, mine) => {
          const limits = Object.values(view.limits).filter(mine);
          return found({ limits: book === undefined ? limits : limits.filter((one) => one.book === book) });
        });
      }
      case 'emergency.list':
        return this.#fromView(user, (view) => found({ emergencies: view.emergencies }));
      case 'account.get': {
        const { args } = request;
        return this.#ofAccount(user, args.accountId, async () =>
          outcome(await queries.query(deskId, 'account.get', args)),
        );
      }
      case 'accounts.test': {
        const { accountId } = request.args;
        return this.#ofAccount(user, accountId, async () =>
          outcome(await queries.accountTest(deskId, accountId)),
        );
      }
      case 'history.orders':
        return this.#ofHistory(user, request.args, (args) => history.orders(deskId, args));
      case 'history.fills':
        return this.#ofHistory(user, request.args, (args) => history.fills(deskId, args));
      case 'history.trades':
        return this.#ofHistory(user, request.args, (args) => history.trades(deskId, args));
      case 'history.equity':
        return this.#ofHistory(user, request.args, (args) => history.equity(deskId, args));
      case 'history.bills':
        return this.#ofHistory(user, request.args, (args) => history.bills(deskId, args));
      case 'devices.list':
        return devices.list(user).then((list) => found({ devices: list }));
      default:
        return undefined;
    }
  }

  /** Previews are asked of the engine, which alone knows what it would refuse. */
  preview(user: UserPresence, request: Request): Promise<CommandReply> | undefined {
    const { queries } = this.#context;
    const deskId = user.userId;
    switch (request.op) {
      case 'orders.submit':
        return queries.previewOrder(deskId, request.args).then(outcome);
      case 'emergency.stop':
        return queries.previewEmergency(deskId, request.args).then(outcome);
      default:
        return undefined;
    }
  }

  /** From a view that is at least as new as the user's own commands. */
  #fromView(
    user: UserPresence,
    read: (view: View) => CommandReply | Promise<CommandReply>,
  ): Promise<CommandReply> {
    return this.#context.feeds.use(user.userId, async (feed) => {
      if (feed.seq < user.acceptedSeq) await feed.checkHead();
      return read(feed.view);
    });
  }

  /** Of one account, or of all; another user's is as unknown as one that never was. */
  #ofAccount(
    user: UserPresence,
    accountId: string | undefined,
    read: (view: View, mine: (row: { accountId: string }) => boolean) => CommandReply | Promise<CommandReply>,
  ): Promise<CommandReply> {
    return this.#fromView(user, (view) => {
      if (accountId !== undefined && !Object.hasOwn(view.accounts, accountId)) {
        return { ok: false, error: noAccount(accountId) };
      }
      return read(view, (row) => accountId === undefined || row.accountId === accountId);
    });
  }

  #ofHistory<A extends { accountId?: string | undefined }>(
    user: UserPresence,
    args: A,
    read: (args: A) => Promise<object>,
  ): Promise<CommandReply> {
    return this.#ofAccount(user, args.accountId, async () => found(await read(args)));
  }

  async #instruments(venue: string): Promise<CommandReply> {
    const instruments = await this.#context.market.instruments(venue);
    if (instruments !== undefined) return found(instruments);
    return {
      ok: false,
      error: wireError('not_found', `there is no venue ${venue}`, { what: 'venue', id: venue }),
    };
  }

  async #candles(
    { userId }: UserPresence,
    socket: Socket,
    args: OpArgs<'market.candles'>,
  ): Promise<CommandReply> {
    const { venue, symbol, interval, before } = args;
    if (!this.#context.market.hasMarket(venue, symbol)) {
      const id = `${venue}.${symbol}`;
      return { ok: false, error: wireError('not_found', `there is no market ${id}`, { what: 'market', id }) };
    }
    const { market } = this.#context;
    const asker = { userId, connection: socket, gone: socket.goneSignal };
    try {
      const open = before === undefined ? await market.openCandle(venue, symbol, interval, asker) : null;
      const candles = await market.candles(args, asker);
      // It may have closed while they were read.
      const hasClosed = open !== null && (candles.at(-1)?.openTime ?? 0) >= open.openTime;
      return found({ candles, open: hasClosed ? null : open });
    } catch (error) {
      if (error instanceof RefusedRead) return { ok: false, error: error.wire };
      throw error;
    }
  }
}

function noAccount(accountId: string): WireError {
  return wireError('not_found', `you have no account ${accountId}`, { what: 'account', id: accountId });
}

function found(result: unknown): CommandReply {
  return { ok: true, result };
}

/** Queries answer with their result or with an error, which alone says whether it may be retried. */
function outcome(answer: object): CommandReply {
  return isWireError(answer) ? { ok: false, error: answer } : found(answer);
}

function isWireError(answer: object): answer is WireError {
  return 'code' in answer && 'retryable' in answer;
}
