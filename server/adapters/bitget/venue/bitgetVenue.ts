import type { MarginMode } from '../../../../shared/domain/account.ts';
import type { VenueRefusal } from '../../../../shared/domain/cause.ts';
import type { Decimal } from '../../../../shared/domain/decimal.ts';
import type {
  AmendChange,
  PlaceOrder,
  Venue,
  VenueAccountRef,
  VenueAccountState,
  VenueAnswer,
  VenueBill,
  VenueCapabilities,
  VenueFill,
  VenueOrder,
  VenueOrderRef,
  VenuePush,
} from '../../../ports/venue.ts';
import type { BitgetAccess } from '../access.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import type { BitgetKeys } from '../errors/bitgetKeys.ts';
import { AccountStream } from './accountStream.ts';
import { answerOf, unavailableOf } from './answers.ts';
import { CAPABILITIES, WRITE_WINDOW_MS } from './capabilities.ts';
import type { FamilyApi, OpenAccount } from './familyApi.ts';
import { KnownOrders } from './knownOrders.ts';
import { Maintenance } from './maintenance.ts';
import { openSession, type Session } from './openSession.ts';
import { spansSince } from './spans.ts';

export interface BitgetVenueOptions {
  /** As accounts name it. */
  venue: string;
  access: BitgetAccess;
  /** Of an account, decrypted; undefined: it has none. */
  keysOf(accountId: string): Promise<BitgetKeys | undefined>;
  /** An order was refused for its size or price: the rules may be others than those that are known. */
  rulesDiffer?(): void;
}

const RULES: ReadonlySet<VenueRefusal> = new Set(['size', 'step', 'tick', 'min_notional', 'leverage']);

/** Trading at Bitget: accounts of either family, each by its own key, of one environment. */
export class BitgetVenue implements Venue {
  readonly venue: string;
  readonly capabilities: VenueCapabilities = CAPABILITIES;
  readonly writeWindowMs = WRITE_WINDOW_MS;
  readonly #options: BitgetVenueOptions;
  readonly #maintenance: Maintenance;
  readonly #sessions = new Map<string, Promise<Session>>();
  /** Of each account, for as long as the process lives: streams and sessions come and go. */
  readonly #known = new Map<string, KnownOrders>();
  readonly #streams = new Map<string, AccountStream>();
  #listener: (push: VenuePush) => void = () => {};

  constructor(options: BitgetVenueOptions) {
    this.venue = options.venue;
    this.#options = options;
    this.#maintenance = new Maintenance(options.access.clock);
  }

  /** Checks its key and how it is set up, anew: what was found before is forgotten. */
  async openAccount({ accountId }: VenueAccountRef, _deposit: Decimal): Promise<void> {
    this.#sessions.delete(accountId);
    await this.#ask({ accountId }, async () => {});
  }

  async resetAccount(): Promise<VenueAnswer> {
    return { outcome: 'rejected', code: 'other', message: 'not an account of play money of ours' };
  }

  configureSymbol(
    account: VenueAccountRef,
    symbol: string,
    leverage: number,
    marginMode: MarginMode,
  ): Promise<VenueAnswer> {
    return this.#write(account, async (session) => {
      if (!session.account.marginModes.includes(marginMode))
        throw new BitgetError(
          { kind: 'refused', as: 'mode' },
          { code: null, message: `this account takes no ${marginMode} margin` },
        );
      await session.api.writes.configure(session.account, symbol, leverage, marginMode);
      session.account.margins.set(symbol, marginMode);
      return '';
    });
  }

  async placeOrder(order: PlaceOrder): Promise<VenueAnswer> {
    const { leftMs } = this.#maintenance;
    // Nothing is begun that maintenance could leave without its stop.
    if (leftMs > 0 && !order.reduceOnly)
      return { outcome: 'rejected', code: 'maintenance', message: 'the exchange is being maintained' };
    return this.#write(order.account, async ({ account, api }) => {
      const told = await api.writes.place(account, order);
      const venueOrderId = told === '' ? await idOf(api, account, order) : told;
      account.known.placed(venueOrderId, order);
      return venueOrderId;
    });
  }

  amendOrder(
    account: VenueAccountRef,
    symbol: string,
    ref: VenueOrderRef,
    change: AmendChange,
  ): Promise<VenueAnswer> {
    return this.#write(account, async ({ account, api }) => {
      const venueOrderId = await api.writes.amend(account, symbol, ref, change);
      if (ref.venueOrderId !== null) account.known.replaced(ref.venueOrderId, venueOrderId);
      return venueOrderId;
    });
  }

  cancelOrder(account: VenueAccountRef, symbol: string, ref: VenueOrderRef): Promise<VenueAnswer> {
    return this.#write(account, ({ account, api }) => api.writes.cancel(account, symbol, ref));
  }

  closePosition(account: VenueAccountRef, symbol: string): Promise<VenueAnswer> {
    return this.#write(account, ({ account, api }) => api.writes.close(account, symbol));
  }

  findOrder(account: VenueAccountRef, symbol: string, ref: VenueOrderRef): Promise<VenueOrder | undefined> {
    return this.#ask(account, async ({ account, api }) => {
      const order = await api.readings.find(account, symbol, ref);
      return order && account.known.saw(order);
    });
  }

  readAccount(account: VenueAccountRef): Promise<VenueAccountState> {
    return this.#ask(account, async ({ account, api }) => {
      // Cursors first: what is told after them is read again rather than missed.
      const cursors = await api.readings.cursors(account);
      const [wallet, positions, orders] = await Promise.all([
        api.readings.wallet(account),
        api.readings.positions(account),
        api.readings.orders(account),
      ]);
      // What is open tells how its symbol is set up, also after a start that knows of nothing yet.
      for (const { symbol, marginMode } of positions)
        if (!account.margins.has(symbol)) account.margins.set(symbol, marginMode);
      const marketTime = this.#options.access.serverClock.now();
      const told = orders.map((order) => account.known.saw(order));
      return { balances: wallet.balances, positions, orders: told, cursors, marketTime };
    });
  }

  fillsSince(account: VenueAccountRef, cursor: number): Promise<VenueFill[]> {
    return this.#since(account, cursor, async ({ account, api }, span) =>
      (await api.readings.fills(account, span)).map((fill) => account.known.named(fill)),
    );
  }

  billsSince(account: VenueAccountRef, cursor: number): Promise<VenueBill[]> {
    return this.#since(account, cursor, ({ account, api }, span) => api.readings.bills(account, span));
  }

  ordersSince(account: VenueAccountRef, ts: number): Promise<VenueOrder[]> {
    return this.#ask(account, async ({ account, api }) => {
      const orders: VenueOrder[] = [];
      for (const span of spansSince(ts, this.#options.access.serverClock.now()))
        orders.push(...(await api.readings.ended(account, span)));
      return orders.map((order) => account.known.saw(order));
    });
  }

  async start(listener: (push: VenuePush) => void): Promise<void> {
    this.#listener = listener;
  }

  watch(account: VenueAccountRef): Promise<void> {
    return this.#ask(account, async (session) => {
      if (this.#streams.has(session.accountId)) return;
      const stream = new AccountStream({
        access: this.#options.access,
        session,
        maintenance: this.#maintenance,
        tell: (push) => this.#listener(push),
      });
      this.#streams.set(session.accountId, stream);
      stream.open();
    });
  }

  async stop(): Promise<void> {
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
    this.#listener = () => {};
  }

  /** All beyond `cursor`, by cursor. */
  #since<T extends { cursor: number }>(
    account: VenueAccountRef,
    cursor: number,
    read: (session: Session, span: { from: number; to: number }) => Promise<T[]>,
  ): Promise<T[]> {
    return this.#ask(account, async (session) => {
      const rows: T[] = [];
      for (const span of spansSince(cursor + 1, this.#options.access.serverClock.now()))
        rows.push(...(await read(session, span)));
      return rows.filter((row) => row.cursor > cursor).sort((a, b) => a.cursor - b.cursor);
    });
  }

  async #ask<T>({ accountId }: VenueAccountRef, work: (session: Session) => Promise<T>): Promise<T> {
    try {
      return await work(await this.#sessionOf(accountId));
    } catch (error) {
      this.#maintenance.heard(error);
      throw unavailableOf(error);
    }
  }

  /** `work`: answers the order's id. */
  async #write(
    { accountId }: VenueAccountRef,
    work: (session: Session) => Promise<string>,
  ): Promise<VenueAnswer> {
    let session: Session;
    try {
      session = await this.#sessionOf(accountId);
    } catch (error) {
      // Nothing was asked of the account yet, so nothing may have happened to it.
      if (!(error instanceof BitgetError)) throw error;
      const told = answerOf(error);
      return told.outcome === 'unknown'
        ? { outcome: 'rejected', code: 'maintenance', message: error.message }
        : told;
    }
    try {
      return { outcome: 'accepted', venueOrderId: await work(session) };
    } catch (error) {
      this.#maintenance.heard(error);
      if (!(error instanceof BitgetError)) throw error;
      if (error.fault.kind === 'refused') this.#refused(accountId, error.fault.as);
      return answerOf(error);
    }
  }

  /** What is known here may be out of date. */
  #refused(accountId: string, as: VenueRefusal): void {
    if (as === 'mode') this.#sessions.delete(accountId);
    if (RULES.has(as)) this.#options.rulesDiffer?.();
  }

  /** Opened once; one that failed, or whose mode turned out to be another, is opened anew by whoever asks next. */
  #sessionOf(accountId: string): Promise<Session> {
    let session = this.#sessions.get(accountId);
    if (session === undefined) {
      session = this.#open(accountId);
      this.#sessions.set(accountId, session);
      session.catch(() => {
        if (this.#sessions.get(accountId) === session) this.#sessions.delete(accountId);
      });
    }
    return session;
  }

  async #open(accountId: string): Promise<Session> {
    const keys = await this.#options.keysOf(accountId);
    if (keys === undefined)
      throw new BitgetError({ kind: 'keys' }, { code: null, message: 'the account has no key' });
    const known = this.#known.get(accountId) ?? new KnownOrders();
    this.#known.set(accountId, known);
    return openSession(this.#options.access, accountId, keys, known);
  }
}

/** An order that was taken without being told its id, as one that took another's place: it is found by ours, or in doubt. */
async function idOf(api: FamilyApi, account: OpenAccount, order: PlaceOrder): Promise<string> {
  const kind = order.type === 'stop_market' ? 'stop' : 'order';
  const ref = { kind, venueOrderId: null, clientOrderId: order.clientOrderId } as const;
  const found = await api.readings.find(account, order.symbol, ref);
  if (found !== undefined) return found.venueOrderId;
  throw new BitgetError({ kind: 'uncertain' }, { code: null, message: 'taken, and not to be found yet' });
}
