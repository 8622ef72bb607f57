import type { MarginMode } from '../../shared/domain/account.ts';
import { type Decimal, mul, roundToStep } from '../../shared/domain/decimal.ts';
import { isMeant } from '../adapters/simulated/account/orderRef.ts';
import {
  type AccountPush,
  emptyAccount,
  hasEnded,
  type KeptFill,
  type KeptOrder,
  orderView,
} from '../adapters/simulated/account/state.ts';
import { type Outcome, VenueAccount } from '../adapters/simulated/account/venueAccount.ts';
import type { Profile } from '../adapters/simulated/profiles.ts';
import { Told, type ToldPush } from '../adapters/simulated/told.ts';
import {
  type AmendChange,
  type PlaceOrder,
  type VenueAccountState,
  type VenueAnswer,
  type VenueBill,
  type VenueCursors,
  type VenueFill,
  type VenueOrder,
  type VenueOrderRef,
  VenueUnavailable,
} from '../ports/venue.ts';
import { refOf } from '../ports/venueOrderRef.ts';
import { FUNDING_EVERY_MS, type SimMarket } from './market.ts';

/** Market ms that client order ids stay taken: longer than any run. */
const ID_MEMORY_MS = 1_000 * 24 * 3_600_000;

/** A fill or bill as it is told, from world time `at` on. */
interface ToldRow<T> {
  row: T;
  /** By the venue's own count. */
  kept: number;
  at: number;
}

/** One account at the venue, with all that ever happened there: the oracle. Rows are as they are, not as they are told. */
export interface Books {
  account: VenueAccount;
  fills: KeptFill[];
  bills: VenueBill[];
  ended: KeptOrder[];
  /** Of orders that stops have become: the id of ours that the stop had, or came with. */
  firedFrom: Map<string, string>;
  told: { fills: ToldRow<VenueFill>[]; bills: ToldRow<VenueBill>[] };
  /** As it was after each of its last changes, oldest first: what is shown late. */
  past: Moment[];
}

interface Moment {
  /** World time from which it was so. */
  at: number;
  state: VenueAccountState;
  /** Orders that had ended by then. */
  ended: number;
}

/** How long what an account was is remembered at least, world ms: longer than any reading lags. */
const PAST_MS = 10_000;

/** How the venue tells what has happened. */
export interface Telling {
  push(push: ToldPush): void;
  /** World time. */
  now(): number;
  later(delayMs: number, run: () => void): void;
  /** How long it keeps this to itself, world ms. */
  lateMs(row: 'fill' | 'bill'): number;
  /** Whether this fill does not name our id. */
  isNameless(fill: VenueFill): boolean;
  /** A row was told with this cursor, the one before it with another. */
  counted(cursor: number, before: number): void;
}

/** What the venue does to an order it has just accepted. */
export type AfterPlacing = 'keep' | 'drop_stop_told' | 'drop_stop_forgotten';

/**
 * The simulated venue's own matching, one state machine per account, with a memory of its past: synchronous, without
 * store, clock or queue. What it has done is always durable: it never dies here.
 */
export class VenueModel {
  readonly books = new Map<string, Books>();
  readonly #market: SimMarket;
  readonly #profile: Profile;
  readonly #telling: Telling;
  readonly #told: Told;
  /** Of states that were read, what they include by the venue's own count. */
  readonly #included = new WeakMap<VenueAccountState, VenueCursors>();

  constructor(market: SimMarket, profile: Profile, telling: Telling) {
    this.#market = market;
    this.#profile = profile;
    this.#telling = telling;
    this.#told = new Told(profile);
  }

  get now(): number {
    return this.#market.stepTime;
  }

  /** Plays the step the market has just moved to. */
  step(): void {
    const funding = this.now % FUNDING_EVERY_MS === 0;
    const rateOf = funding ? (symbol: string) => this.#market.quote(symbol).fundingRate : undefined;
    for (const books of this.books.values()) this.#take(books, books.account.step(this.now, rateOf));
  }

  open(accountId: string, deposit: Decimal): VenueAnswer {
    if (!this.books.has(accountId)) {
      const account = new VenueAccount(
        emptyAccount(accountId, this.books.size + 1),
        this.#market,
        this.#profile,
        ID_MEMORY_MS,
      );
      const books: Books = {
        account,
        fills: [],
        bills: [],
        ended: [],
        firedFrom: new Map(),
        told: { fills: [], bills: [] },
        past: [],
      };
      this.books.set(accountId, books);
      this.#answer(books, account.deposit(deposit, this.now));
    }
    return { outcome: 'accepted', venueOrderId: '' };
  }

  reset(accountId: string, deposit: Decimal): VenueAnswer {
    const books = this.#known(accountId);
    return this.#answer(books, books.account.reset(deposit, this.now));
  }

  configure(accountId: string, symbol: string, leverage: number, marginMode: MarginMode): VenueAnswer {
    const books = this.#known(accountId);
    return this.#answer(books, books.account.configure(symbol, leverage, marginMode, this.now));
  }

  /** Places an order; `after` may take the stop it placed, or brought with it, off the book again. */
  place(order: PlaceOrder, after: AfterPlacing): VenueAnswer {
    const books = this.#known(order.account.accountId);
    const answer = this.#answer(books, books.account.place(order, this.now));
    if (answer.outcome === 'accepted' && after !== 'keep') this.#dropStop(books, order, after);
    return answer;
  }

  amend(accountId: string, symbol: string, ref: VenueOrderRef, change: AmendChange): VenueAnswer {
    const books = this.#known(accountId);
    return this.#answer(books, books.account.amend(symbol, ref, change, this.now));
  }

  cancel(accountId: string, symbol: string, ref: VenueOrderRef): VenueAnswer {
    const books = this.#known(accountId);
    return this.#answer(books, books.account.cancel(symbol, ref, this.now));
  }

  closePosition(accountId: string, symbol: string): VenueAnswer {
    const books = this.#known(accountId);
    return this.#answer(books, books.account.closePosition(symbol, this.now));
  }

  /** `asOf`: as it was at that world time. */
  find(accountId: string, symbol: string, ref: VenueOrderRef, asOf?: number): VenueOrder | undefined {
    const books = this.#known(accountId);
    const matches = (order: VenueOrder) => isMeant(symbol, ref, order);
    if (asOf !== undefined) {
      const { state, ended } = this.#asOf(books, asOf);
      return state.orders.find(matches) ?? books.ended.slice(0, ended).findLast(matches);
    }
    const live = books.account.state.orders.find(matches);
    return live === undefined ? books.ended.findLast(matches) : orderView(live);
  }

  /** As it is told. */
  told(order: VenueOrder): VenueOrder {
    return this.#told.order(order);
  }

  /** Money comes in or goes out, as the account's owner asked the venue for. */
  transfer(accountId: string, amount: Decimal): void {
    const books = this.#known(accountId);
    this.#answer(books, books.account.deposit(amount, this.now));
  }

  deleverage(accountId: string, symbol: string, size: Decimal): void {
    const books = this.#known(accountId);
    this.#take(books, books.account.deleverage(symbol, size, this.now));
  }

  /** For all accounts: no entries any more, or, once it has ended, nothing any more. */
  delist(symbol: string, ended: boolean): void {
    for (const books of this.books.values()) this.#take(books, books.account.delist(symbol, ended, this.now));
  }

  /** Somebody trades against part of a resting order just before it is cancelled; of the fill one hears later. */
  fillLate(accountId: string, venueOrderId: string, share: Decimal, later: (push: () => void) => void): void {
    const books = this.#known(accountId);
    const order = books.account.state.orders.find((live) => live.venueOrderId === venueOrderId);
    const instrument = order === undefined ? undefined : this.#market.instrument(order.symbol);
    if (order?.type !== 'limit' || instrument === undefined) return;
    const part = roundToStep(mul(order.size, share), instrument.sizeStep, 'up');
    const pushes = books.account.tradeAgainst(venueOrderId, part, this.now);
    for (const { push } of this.#remember(books, pushes)) later(() => this.#telling.push(push));
  }

  /** `asOf`: as it was at that world time. */
  read(accountId: string, asOf?: number): VenueAccountState {
    const books = this.#known(accountId);
    const state = asOf === undefined ? books.account.read(this.now) : this.#asOf(books, asOf).state;
    const told = this.#told.state(state);
    this.#included.set(told, state.cursors);
    return told;
  }

  /** What is shown of an account beside the cursors of `read`. */
  shown(state: VenueAccountState, read: VenueAccountState): VenueAccountState {
    const included = this.#included.get(read);
    if (included !== undefined) this.#included.set(state, included);
    return state;
  }

  /** World time. */
  changedAt(accountId: string): number {
    return this.books.get(accountId)?.past.at(-1)?.at ?? 0;
  }

  #asOf(books: Books, at: number): Moment {
    const then = books.past.findLast((moment) => moment.at <= at) ?? books.past[0];
    return then ?? { at, state: books.account.read(this.now), ended: books.ended.length };
  }

  #keepMoment(books: Books): void {
    const at = this.#telling.now();
    const { past } = books;
    if (past.at(-1)?.at === at) past.pop();
    past.push({ at, state: books.account.read(this.now), ended: books.ended.length });
    while ((past[1]?.at ?? at) < at - PAST_MS) past.shift();
  }

  /** Whether a state that was read includes this fill. */
  includes(state: VenueAccountState, fill: VenueFill): boolean {
    return fill.cursor <= (this.#included.get(state)?.fills ?? 0);
  }

  fillsSince(accountId: string, cursor: number): VenueFill[] {
    return this.#since(this.#known(accountId).told.fills, cursor);
  }

  billsSince(accountId: string, cursor: number): VenueBill[] {
    return this.#since(this.#known(accountId).told.bills, cursor);
  }

  #since<T>(rows: readonly ToldRow<T>[], cursor: number): T[] {
    const [from, now] = [this.#told.kept(cursor), this.#telling.now()];
    return rows.flatMap(({ row, kept, at }) => (kept > from && at <= now ? [row] : []));
  }

  /** Orders that ended after `ts`. */
  ordersSince(accountId: string, ts: number, asOf?: number): VenueOrder[] {
    const books = this.books.get(accountId);
    if (books === undefined) return [];
    const count = asOf === undefined ? books.ended.length : this.#asOf(books, asOf).ended;
    return books.ended.slice(0, count).filter((order) => order.ts > ts);
  }

  #known(accountId: string): Books {
    const books = this.books.get(accountId);
    if (books === undefined) throw new VenueUnavailable(`no account ${accountId}`);
    return books;
  }

  #answer(books: Books, outcome: Outcome): VenueAnswer {
    this.#take(books, outcome.pushes);
    // Settings are pushed to nobody.
    if (outcome.pushes.length === 0) this.#keepMoment(books);
    return outcome.answer;
  }

  #take(books: Books, pushes: AccountPush[]): void {
    for (const { push, lateMs } of this.#remember(books, pushes)) {
      if (lateMs === 0) this.#telling.push(push);
      else this.#telling.later(lateMs, () => this.#telling.push(push));
    }
  }

  /** As it is to be told, and how long after it happened. */
  #remember(books: Books, pushes: AccountPush[]): { push: ToldPush; lateMs: number }[] {
    const told = pushes.map((given) => {
      if (given.type === 'fill') books.fills.push(given.fill);
      else if (given.type === 'bill') books.bills.push(given.bill);
      else if (given.type === 'order') noteOrder(books, given.order);
      const push = this.#told.push(given);
      if (push.type === 'fill' && given.type === 'fill') {
        if (this.#telling.isNameless(given.fill)) push.fill.clientOrderId = null;
        return { push, lateMs: this.#keep(books.told.fills, 'fill', push.fill, given.fill.cursor) };
      }
      if (push.type === 'bill' && given.type === 'bill')
        return { push, lateMs: this.#keep(books.told.bills, 'bill', push.bill, given.bill.cursor) };
      return { push, lateMs: 0 };
    });
    if (pushes.length > 0) this.#keepMoment(books);
    return told;
  }

  #keep<T extends VenueFill | VenueBill>(
    told: ToldRow<T>[],
    kind: 'fill' | 'bill',
    row: T,
    kept: number,
  ): number {
    const lateMs = this.#telling.lateMs(kind);
    this.#telling.counted(row.cursor, told.at(-1)?.row.cursor ?? 0);
    told.push({ row, kept, at: this.#telling.now() + lateMs });
    return lateMs;
  }

  /** The stop was accepted and is not there: cancelled without a push, or without leaving any trace. */
  #dropStop(books: Books, order: PlaceOrder, after: AfterPlacing): void {
    const stop = books.account.state.orders.find(
      (live) =>
        live.type === 'stop_market' &&
        live.status === 'open' &&
        (live.clientOrderId === order.clientOrderId || live.parentClientOrderId === order.clientOrderId),
    );
    if (stop === undefined) return;
    const { pushes } = books.account.cancel(order.symbol, refOf(stop), this.now);
    if (after !== 'drop_stop_forgotten')
      for (const push of pushes) if (push.type === 'order') books.ended.push(push.order);
    this.#keepMoment(books);
  }
}

function noteOrder({ ended, firedFrom }: Books, order: KeptOrder): void {
  if (!isLive(order)) ended.push(order);
  const ours = order.clientOrderId ?? order.parentClientOrderId;
  if (order.becameOrderId !== null && ours !== null) firedFrom.set(order.becameOrderId, ours);
}

export const isLive = (order: VenueOrder): boolean => !hasEnded(order);
