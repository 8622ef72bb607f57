import {
  add,
  type Decimal,
  gt,
  isMultipleOf,
  lt,
  mul,
  sub,
  ZERO,
} from '../../../../shared/domain/decimal.ts';
import type { Side, TimeInForce } from '../../../../shared/domain/order.ts';
import { type AccountPush, emptyAccount } from '../../../adapters/simulated/account/state.ts';
import { VenueAccount } from '../../../adapters/simulated/account/venueAccount.ts';
import { PROFILES } from '../../../adapters/simulated/profiles.ts';
import type { VenueOrderRef } from '../../../ports/venue.ts';
import type { Switches } from '../switches.ts';
import { BookPushes } from './bookPushes.ts';
import { Books } from './books.ts';
import { checkAttached, mustBeTaken } from './checks.ts';
import { ClientIdRule } from './clientIdRule.ts';
import { Countdown } from './countdown.ts';
import type { Ids } from './ids.ts';
import { Lag } from './lag.ts';
import { keyOf, type Place } from './legs.ts';
import type { Prices } from './prices.ts';
import { isBusy, LiveReading, type PositionView, type Reading, viewOf } from './reading.ts';
import type { AccountEvent, Attached, OrderOrigin, OrderRecord, PositionRecord } from './records.ts';
import { Refused } from './refusal.ts';
import type { HoldMode, Settings } from './settings.ts';
import { Strategies } from './strategies.ts';

/** Nothing of the simulated account's stops is used: the exchange's are orders of their own. */
const PROFILE = {
  ...PROFILES['v3-like'],
  capabilities: { ...PROFILES['v3-like'].capabilities, expiringOrders: false },
};

export interface Ask extends Place {
  side: Side;
  type: 'limit' | 'market';
  qty: Decimal;
  price: Decimal | null;
  timeInForce: TimeInForce;
  closes: boolean;
  clientOid: string | undefined;
  attached: Attached | null;
}

export interface Amendment {
  price?: Decimal;
  qty?: Decimal;
  attached?: Attached;
  clientOid?: string;
}

export interface TraderOptions {
  number: number;
  family: 'v2' | 'v3';
  prices: Prices;
  ids: Ids;
  settings: Settings;
  switches: Switches;
  now: () => number;
}

/** One user's account at the exchange: what both families of the API ask of it, and nobody else's. */
export class Trader {
  readonly books = new Books();
  readonly strategies: Strategies;
  readonly settings: Settings;
  readonly lag: Lag;
  readonly #options: TraderOptions;
  readonly #account: VenueAccount;
  readonly #live: Reading;
  readonly #pushes: BookPushes;
  readonly #clientIds: ClientIdRule;
  readonly #countdown: Countdown;
  readonly #listeners = new Set<(events: readonly AccountEvent[]) => void>();

  constructor(options: TraderOptions) {
    this.#options = options;
    this.settings = options.settings;
    const { prices } = options;
    this.#account = new VenueAccount(emptyAccount(`u${options.number}`, options.number), prices, PROFILE, 0);
    this.#pushes = new BookPushes(this.books, options.ids);
    this.#clientIds = new ClientIdRule(options);
    this.#countdown = new Countdown(options.now);
    this.#live = new LiveReading(this.books, this.#account.state, prices);
    this.lag = new Lag(options.now, this.#live);
    this.strategies = new Strategies(this, options);
  }

  /** BGB in the wallet, which fees are paid from where they are paid in it. */
  get bgb(): Decimal {
    return this.#pushes.bgb;
  }

  get family(): 'v2' | 'v3' {
    return this.#options.family;
  }

  get prices(): Prices {
    return this.#options.prices;
  }

  get switches(): Switches {
    return this.#options.switches;
  }

  /** A position with what prices make of it. */
  view(held: PositionRecord): PositionView {
    return viewOf(held, this.books, this.#account.state, this.prices);
  }

  /** What queries show, which may be of a moment ago. */
  read(): Reading {
    return this.lag.read();
  }

  /** What is, whatever queries show. */
  now(): Reading {
    return this.#live;
  }

  listen(listener: (events: readonly AccountEvent[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(events: readonly AccountEvent[]): void {
    this.lag.note();
    if (events.length > 0) for (const listener of this.#listeners) listener(events);
  }

  deposit(amount: Decimal): void {
    this.#take(this.#account.deposit(amount, this.#options.now()).pushes);
  }

  depositBgb(amount: Decimal): void {
    this.#pushes.bgb = add(this.#pushes.bgb, amount);
  }

  /** A user's order. */
  place(ask: Ask): OrderRecord {
    this.#clientIds.check(ask.clientOid, this.books);
    this.#checkClose(ask);
    checkAttached(ask, this.prices.quote(keyOf(ask)).last);
    const order = this.make(ask, 'user', ask.type === 'market' ? 'ioc' : ask.timeInForce);
    this.#clientIds.used(order.clientOid);
    return order;
  }

  /** Sends an order to the market; by market it takes what is there. */
  make(ask: Ask, origin: OrderOrigin, sent: TimeInForce): OrderRecord {
    const { ids, now } = this.#options;
    const key = keyOf(ask);
    this.#configure(ask);
    const orderId = ids.next();
    const order: OrderRecord = {
      ...ask,
      name: orderId,
      orderId,
      clientOid: ask.clientOid ?? ids.next(),
      origin,
      status: 'live',
      filled: ZERO,
      value: ZERO,
      fee: ZERO,
      pnl: ZERO,
      cancelReason: '',
      leverage: this.settings.leverage(ask),
      created: now(),
      updated: now(),
      lastFill: null,
    };
    this.books.add(order);
    const { answer, pushes } = this.#account.place(
      {
        account: { accountId: this.#account.state.accountId },
        clientOrderId: orderId,
        symbol: key,
        side: ask.side,
        type: ask.type,
        size: ask.qty,
        price: ask.type === 'market' ? null : ask.price,
        triggerPrice: null,
        triggerBy: null,
        timeInForce: sent,
        reduceOnly: ask.closes,
        attachedStop: null,
        notAfter: null,
      },
      now(),
    );
    if (answer.outcome !== 'accepted') this.#forget(order);
    mustBeTaken(answer);
    this.#take(pushes);
    return order;
  }

  amend(order: OrderRecord, change: Amendment): OrderRecord {
    const sim = this.#working(order);
    const { answer, pushes } = this.#account.amend(
      keyOf(order),
      sim,
      {
        ...(change.price === undefined ? {} : { price: change.price }),
        ...(change.qty === undefined ? {} : { size: change.qty }),
      },
      this.#options.now(),
    );
    mustBeTaken(answer);
    if (change.attached !== undefined) order.attached = change.attached;
    const orderId = this.switches.amendKeepsId ? order.orderId : this.#options.ids.next();
    this.books.rename(order, orderId, change.clientOid ?? order.clientOid);
    this.#take(pushes);
    return order;
  }

  cancel(order: OrderRecord, reason = 'normal_cancel'): void {
    const { answer, pushes } = this.#account.cancel(keyOf(order), this.#working(order), this.#options.now());
    mustBeTaken(answer);
    this.#take(pushes);
    order.cancelReason = reason;
  }

  /** By market, whatever the least amount is. */
  close(held: PositionRecord): OrderRecord {
    // What rests to close it would keep its size: it goes first, as at the exchange.
    for (const order of [...this.books.working.values()])
      if (order.closes && keyOf(order) === keyOf(held)) this.cancel(order);
    const side: Side = held.direction === 'long' ? 'sell' : 'buy';
    const { symbol, leg, marginMode } = held;
    const ask: Ask = {
      ...{ symbol, leg, marginMode, side, type: 'market', qty: held.size, price: null },
      ...{ timeInForce: 'gtc', closes: true, clientOid: undefined, attached: null },
    };
    return this.make(ask, 'close', 'ioc');
  }

  setHoldMode(holdMode: HoldMode): void {
    if (holdMode === this.settings.holdMode) return;
    if (isBusy(this.#account.state) || this.books.pendingStrategies().length > 0)
      throw new Refused('mode_busy', 'the position mode cannot be changed with positions or orders open');
    this.settings.holdMode = holdMode;
  }

  /** Whether positions or orders are open, of one symbol or at all. */
  isBusy(symbol?: string): boolean {
    return isBusy(this.#account.state, symbol);
  }

  /** Puts what the settings say of this place into force. */
  applyLeverage(place: Place): void {
    const key = keyOf(place);
    const leverage = this.settings.leverage(place);
    const answer = this.#account.configure(key, leverage, place.marginMode, this.#options.now());
    mustBeTaken(answer.answer);
    this.#take(answer.pushes);
  }

  /** Unless it is set again before, everything is cancelled after so many ms; 0: never. */
  countdown(ms: number): void {
    this.#countdown.set(ms);
  }

  /** One step of the market. */
  step(rates: ((key: string) => Decimal) | undefined): void {
    this.#countdown.look(this);
    this.strategies.check();
    this.#take(this.#account.step(this.#options.now(), rates));
  }

  /** Somebody else's bankruptcy takes a part of the position. */
  deleverage(place: Place, size: Decimal): void {
    this.#take(this.#account.deleverage(keyOf(place), size, this.#options.now()));
  }

  /** Somebody trades against a part of a resting order. */
  tradeAgainst(order: OrderRecord, size: Decimal): void {
    this.#take(this.#account.tradeAgainst(this.#working(order).venueOrderId, size, this.#options.now()));
  }

  #configure(place: Place): void {
    const key = keyOf(place);
    const leverage = this.settings.leverage(place);
    this.#account.state.config[key] ??= { leverage, marginMode: place.marginMode };
  }

  /** What the simulated account does not look at: too little to close, and closing beyond what is free. */
  #checkClose(ask: Ask): void {
    if (!ask.closes) return;
    const held = this.books.positions.get(keyOf(ask));
    if (held === undefined) throw new Refused('no_position', 'there is no position to close');
    const instrument = this.prices.instrument(keyOf(ask));
    const price = ask.price ?? this.prices.quote(keyOf(ask)).last;
    if (instrument !== undefined && this.switches.smallCloses === 'refused') {
      if (lt(ask.qty, instrument.minSize)) throw new Refused('min_qty', `less than ${instrument.minSize}`);
      if (!isMultipleOf(ask.qty, instrument.sizeStep))
        throw new Refused('qty_step', `no multiple of ${instrument.sizeStep}`);
      if (lt(mul(ask.qty, price), instrument.minNotional))
        throw new Refused('min_amount', `less than the minimum amount ${instrument.minNotional} USDT`);
    }
    if (ask.leg === 'net' && this.switches.oversizedReduceOnly === 'replaces') this.#replace(ask, held);
    if (ask.leg === 'net') return;
    const { available } = this.view(held);
    if (gt(ask.qty, available))
      throw new Refused('no_position', `${available} of the position can be closed`);
  }

  #replace(ask: Ask, held: PositionRecord): void {
    const resting = [...this.books.working.values()].filter(
      (order) => order.closes && keyOf(order) === keyOf(ask),
    );
    const all = resting.reduce((total, order) => add(total, sub(order.qty, order.filled)), ask.qty);
    if (gt(all, held.size)) for (const order of resting) this.cancel(order, 'reduce_only_replaced');
  }

  /** As the simulated account knows it. */
  #working(order: OrderRecord): VenueOrderRef & { venueOrderId: string } {
    const live = this.#account.state.orders.find(({ clientOrderId }) => clientOrderId === order.name);
    if (live === undefined) throw new Refused('no_order', 'the order does not exist');
    return { kind: 'order', venueOrderId: live.venueOrderId, clientOrderId: order.name };
  }

  #forget(order: OrderRecord): void {
    this.books.orders.delete(order.orderId);
    this.books.working.delete(order.orderId);
    this.books.unname(order);
  }

  #take(pushes: readonly AccountPush[]): void {
    this.#pushes.feeCoin = this.switches.feeCoin;
    const { fills, ended, events } = this.#pushes.take(pushes);
    // Fees in BGB do not touch the wallet of USDT: what the simulated account took of it comes back.
    if (this.switches.feeCoin === 'BGB')
      for (const push of pushes)
        if (push.type === 'fill') this.#account.deposit(push.fill.fee, this.#options.now());
    for (const position of ended) events.push(...this.strategies.endOf(position));
    for (const fill of fills) events.push(...this.strategies.attach(fill));
    this.tell(events);
  }
}
