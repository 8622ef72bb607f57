import type { MarginMode } from '../../shared/domain/account.ts';
import { type Decimal, mul, roundToStep } from '../../shared/domain/decimal.ts';
import { type AccountPush, emptyAccount, orderView } from '../adapters/simulated/account/state.ts';
import { type Outcome, VenueAccount } from '../adapters/simulated/account/venueAccount.ts';
import type { Profile } from '../adapters/simulated/profiles.ts';
import {
  type PlaceOrder,
  type VenueAccountState,
  type VenueAnswer,
  type VenueBill,
  type VenueFill,
  type VenueOrder,
  VenueUnavailable,
} from '../ports/venue.ts';
import { FUNDING_EVERY_MS, type SimMarket } from './market.ts';

/** Market ms that client order ids stay taken: longer than any run. */
const ID_MEMORY_MS = 1_000 * 24 * 3_600_000;

/** One account at the venue, with all that ever happened there: the oracle. */
export interface Books {
  account: VenueAccount;
  fills: VenueFill[];
  bills: VenueBill[];
  ended: VenueOrder[];
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
  readonly #onPush: (push: AccountPush) => void;

  constructor(market: SimMarket, profile: Profile, onPush: (push: AccountPush) => void) {
    this.#market = market;
    this.#profile = profile;
    this.#onPush = onPush;
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
      const books: Books = { account, fills: [], bills: [], ended: [] };
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

  amend(
    accountId: string,
    symbol: string,
    venueOrderId: string,
    change: { price?: Decimal; size?: Decimal; triggerPrice?: Decimal },
  ): VenueAnswer {
    const books = this.#known(accountId);
    return this.#answer(books, books.account.amend(symbol, venueOrderId, change, this.now));
  }

  cancel(accountId: string, symbol: string, venueOrderId: string): VenueAnswer {
    const books = this.#known(accountId);
    return this.#answer(books, books.account.cancel(symbol, venueOrderId, this.now));
  }

  find(accountId: string, symbol: string, clientOrderId: string): VenueOrder | undefined {
    const books = this.#known(accountId);
    const matches = (order: VenueOrder) => order.clientOrderId === clientOrderId && order.symbol === symbol;
    const live = books.account.state.orders.find(matches);
    return live === undefined ? books.ended.findLast(matches) : orderView(live);
  }

  /** By the venue's id, working or ended. */
  listed(accountId: string, venueOrderId: string): VenueOrder | undefined {
    const books = this.#known(accountId);
    const matches = (order: VenueOrder) => order.venueOrderId === venueOrderId;
    const live = books.account.state.orders.find(matches);
    return live === undefined ? books.ended.findLast(matches) : orderView(live);
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
    this.#remember(books, pushes);
    for (const push of pushes) later(() => this.#onPush(push));
  }

  read(accountId: string): VenueAccountState {
    return this.#known(accountId).account.read(this.now);
  }

  fillsSince(accountId: string, cursor: number): VenueFill[] {
    return this.#known(accountId).fills.filter((fill) => fill.cursor > cursor);
  }

  billsSince(accountId: string, cursor: number): VenueBill[] {
    return this.#known(accountId).bills.filter((bill) => bill.cursor > cursor);
  }

  /** Orders that ended after `ts`. */
  ordersSince(accountId: string, ts: number): VenueOrder[] {
    return (this.books.get(accountId)?.ended ?? []).filter((order) => order.ts > ts);
  }

  #known(accountId: string): Books {
    const books = this.books.get(accountId);
    if (books === undefined) throw new VenueUnavailable(`no account ${accountId}`);
    return books;
  }

  #answer(books: Books, outcome: Outcome): VenueAnswer {
    this.#take(books, outcome.pushes);
    return outcome.answer;
  }

  #take(books: Books, pushes: AccountPush[]): void {
    this.#remember(books, pushes);
    for (const push of pushes) this.#onPush(push);
  }

  #remember(books: Books, pushes: AccountPush[]): void {
    for (const push of pushes) {
      if (push.type === 'fill') books.fills.push(push.fill);
      else if (push.type === 'bill') books.bills.push(push.bill);
      else if (push.type === 'order' && !isLive(push.order)) books.ended.push(push.order);
    }
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
    const { pushes } = books.account.cancel(order.symbol, stop.venueOrderId, this.now);
    if (after === 'drop_stop_forgotten') return;
    for (const push of pushes) if (push.type === 'order') books.ended.push(push.order);
  }
}

export const isLive = (order: VenueOrder): boolean =>
  order.status === 'open' || order.status === 'partially_filled' || order.status === 'triggered';
