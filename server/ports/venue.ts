import type { MarginMode } from '../../shared/domain/account.ts';
import type { CheckRow } from '../../shared/domain/accountCheck.ts';
import type { VenueEnding, VenueRefusal } from '../../shared/domain/cause.ts';
import type { Decimal } from '../../shared/domain/decimal.ts';
import type { OrderType, Side, TimeInForce, TriggerBy } from '../../shared/domain/order.ts';
import type { Direction } from '../../shared/domain/position.ts';

/** Calls of all kinds and accounts together that a venue takes: `calls` in any `perMs` of wall time. */
export interface RateLimit {
  calls: number;
  perMs: number;
}

/** How long a fill or bill may be missing after what it did is shown. Later ones are not looked for. */
export interface Lateness {
  /** How far below the newest of its kind that was told its cursor may be. At least 1 where several may share one. */
  cursor: number;
  /** For how long readings may show a position or balance that it would explain, wall ms. */
  ms: number;
}

/** What a venue can do; the core's protection follows it. */
export interface VenueCapabilities {
  /** An entry can carry its stop. */
  attachedStop: boolean;
  /** How many stops a position may have at once. */
  positionStops: 'one' | 'many';
  /** A resting stop can be amended in place. */
  amendStop: boolean;
  /** Stops have a size of their own (else: always the whole position). */
  sizedStop: boolean;
  /** Refuses an order that arrives after its `notAfter`. Else it may take effect for `writeWindowMs` after it was sent. */
  expiringOrders: boolean;
  /**
   * Cursors of a kind grow by one, and readings have all that has happened: a push that is not the next one of its kind has
   * overtaken another, or one was lost.
   */
  denseCursors?: boolean;
  /** How late it tells fills and bills. Absent: readings have all that their state follows from. */
  tellsLate?: Lateness;
  /** Beyond it calls are refused with `rate_limited`. Absent: it names none. */
  rateLimit?: RateLimit;
  /** How old what a reading or a look-up shows may be when it is asked for, wall ms. Absent: it is of that moment. */
  readingLagMs?: number;
  /** Takes `closePosition`: the whole position of a symbol, however small. Absent: only orders close. */
  closesPosition?: boolean;
  /** Its minimum size and notional hold for reduce-only orders too, also for one that closes all there is. Absent: they do not. */
  minimaBindCloses?: boolean;
}

/** Credentials and place of an account at a venue. For the simulated venue only `accountId` matters. */
export interface VenueAccountRef {
  accountId: string;
}

export interface PlaceOrder {
  account: VenueAccountRef;
  clientOrderId: string;
  symbol: string;
  side: Side;
  type: OrderType;
  size: Decimal;
  price: Decimal | null;
  /** For stop_market. */
  triggerPrice: Decimal | null;
  triggerBy: TriggerBy | null;
  timeInForce: TimeInForce;
  reduceOnly: boolean;
  attachedStop: { triggerPrice: Decimal; triggerBy: TriggerBy } | null;
  /** Market time after which the venue must refuse it. */
  notAfter: number | null;
}

/**
 * Names an order at its venue, by all that is known of it; at least one id is. Our id stays the order's own for as long as it
 * lives, while an amendment may give it another of the venue's: where both are given, an order that has either is meant, and
 * where they disagree our id decides.
 */
export interface VenueOrderRef {
  /** Exchanges keep stops apart, as strategy orders, behind calls of their own; one that fired is an `order` by `becameOrderId`. */
  kind: 'order' | 'stop';
  /** The last one that we know; null: it was never told, since the answer was lost or has not come. */
  venueOrderId: string | null;
  /** Null: made by the venue itself (an attached stop, what a stop became) or placed elsewhere without one. */
  clientOrderId: string | null;
}

/** What an amendment changes; what is absent stays as it is. */
export interface AmendChange {
  price?: Decimal;
  size?: Decimal;
  triggerPrice?: Decimal;
}

/**
 * The venue's answer to a write:
 * - `accepted`: received by the venue, not necessarily matched. Of an order, `venueOrderId` is its id from now on: an
 *   amendment may answer with another than it had. Empty where the write is of no order.
 * - `rejected`: refused, has no effect
 * - `unknown`: no answer, or one that says nothing: may or may not have happened
 */
export type VenueAnswer =
  | { outcome: 'accepted'; venueOrderId: string }
  | {
      outcome: 'rejected';
      code: VenueRefusal;
      message: string;
      /** With `rate_limited`: nothing is taken before, wall ms. */
      retryAfterMs?: number;
    }
  | { outcome: 'unknown'; message: string };

export interface VenueOrder {
  venueOrderId: string;
  /** Null: made by the venue itself or placed elsewhere without one. */
  clientOrderId: string | null;
  /** For an attached stop: the client id of the entry it came with. */
  parentClientOrderId: string | null;
  /** The id that it had before its last amendment; null: it was never given another. The former one is not told as ended. */
  replacesOrderId: string | null;
  /**
   * Of a stop that fired: the venue's id of the plain order that it became, under which it trades and is found (kind `order`)
   * from then on. Null: it has not fired, its fills carry its own id, or the venue does not say.
   */
  becameOrderId: string | null;
  symbol: string;
  side: Side;
  type: OrderType;
  /** Filled part included. Null: of a stop, the whole position, or it is not told. */
  size: Decimal | null;
  price: Decimal | null;
  triggerPrice: Decimal | null;
  /** Null: of no stop, or it is not told. */
  triggerBy: TriggerBy | null;
  /** Null: it is not told. */
  reduceOnly: boolean | null;
  /** `triggered`: a stop that fired; what it trades has the id `becameOrderId`, or this order's. */
  status: 'open' | 'partially_filled' | 'filled' | 'cancelled' | 'triggered' | 'rejected' | 'expired';
  filledSize: Decimal;
  /** Why it ended other than by its fills. */
  reason: VenueEnding | null;
  ts: number;
}

export interface VenueFill {
  fillId: string;
  venueOrderId: string;
  clientOrderId: string | null;
  symbol: string;
  side: Side;
  price: Decimal;
  size: Decimal;
  /** Positive = paid. In `feeCoin`. */
  fee: Decimal;
  /** Of another than the settlement coin a fee leaves the settlement balance as it is. Null: not told, taken as the settlement coin. */
  feeCoin: string | null;
  /** As the venue reckons it: only compared with what follows from the fills. Null: it is not told. */
  realisedPnl: Decimal | null;
  liquidity: 'maker' | 'taker';
  /** `settlement`: the venue ended the symbol and closed what was open in it. Null: it does not say why it traded. */
  source: 'order' | 'stop' | 'take_profit' | 'liquidation' | 'adl' | 'settlement' | null;
  ts: number;
  /** Where it is among the fills of its account, for `fillsSince`: never less than that of an earlier one, but several may
   * share one, and numbers may be left out, unless the venue says otherwise. A fill is known by its id alone. */
  cursor: number;
}

/** A change of the wallet balance other than by a fill. */
export interface VenueBill {
  billId: string;
  coin: string;
  symbol: string | null;
  kind: 'funding' | 'transfer' | 'adjustment';
  /** Positive = received. */
  amount: Decimal;
  /** When what it is for happened, market ms: it may be told long after. */
  ts: number;
  /** As that of a fill, among the bills of its account. */
  cursor: number;
}

/** Up to where an account is told: fills and bills have cursors of their own. */
export interface VenueCursors {
  fills: number;
  bills: number;
}

export interface VenuePosition {
  symbol: string;
  direction: Direction;
  /** In the base coin. */
  size: Decimal;
  /** Σ entry price × size of what is open, in the settlement coin: an amount, no price. */
  cost: Decimal;
  leverage: number;
  marginMode: MarginMode;
  liquidationPrice: Decimal | null;
}

/**
 * An account as a reading shows it, which is not one instant: balances, positions and orders may each be of another moment,
 * up to `readingLagMs` ago, behind pushes and behind `cursors`; and once a reading may miss an entry that is there, or show a
 * position with a part of its size. So it proves nothing alone that takes protection away or claims that something is flat.
 */
export interface VenueAccountState {
  balances: Record<string, Decimal>;
  positions: VenuePosition[];
  /** Open orders and resting stops. */
  orders: VenueOrder[];
  /** The newest that are included. Where cursors are shared, others with the same may not be. */
  cursors: VenueCursors;
  marketTime: number;
}

export type VenuePush =
  | { type: 'order'; accountId: string; order: VenueOrder }
  | { type: 'fill'; accountId: string; fill: VenueFill }
  | { type: 'bill'; accountId: string; bill: VenueBill }
  | { type: 'position'; accountId: string; position: VenuePosition }
  /** The private stream was interrupted: pushes may be missing until the account is read again. */
  | { type: 'interrupted'; accountIds: string[] | 'all'; reason: string }
  /** It is back. Absent: of all accounts. */
  | { type: 'restored'; accountIds?: string[] };

export class VenueUnavailable extends Error {
  override name = 'VenueUnavailable';
  /** The venue's rate limit: nothing is taken before, wall ms. Undefined: something else is the matter. */
  retryAfterMs?: number;
}

/**
 * Trading at one venue. Asynchronous and lossy: any call may fail, answer late, or have an effect and lose its
 * answer. Writes answer with a VenueAnswer and never throw; reads throw VenueUnavailable.
 */
export interface Venue {
  readonly venue: string;
  readonly capabilities: VenueCapabilities;
  /** Longest time a write may still take effect after it was sent without an answer, market ms. */
  readonly writeWindowMs: number;
  /** Opens (or finds) the account at a simulated venue with this deposit; checks keys at a real one. */
  openAccount(account: VenueAccountRef, deposit: Decimal): Promise<void>;
  /** Simulated only: a flat account starts anew. Answers no_position… as `rejected` when it is not flat. */
  resetAccount(account: VenueAccountRef, deposit: Decimal): Promise<VenueAnswer>;
  configureSymbol(
    account: VenueAccountRef,
    symbol: string,
    leverage: number,
    marginMode: MarginMode,
  ): Promise<VenueAnswer>;
  placeOrder(order: PlaceOrder): Promise<VenueAnswer>;
  /** In place or by another order for it: `accepted` tells its id from now on. */
  amendOrder(
    account: VenueAccountRef,
    symbol: string,
    ref: VenueOrderRef,
    change: AmendChange,
  ): Promise<VenueAnswer>;
  /**
   * By our id alone also one whose placing was not answered. `no_such_order` says then that it is not there now: until the
   * write window of its placing is over it may still arrive.
   */
  cancelOrder(account: VenueAccountRef, symbol: string, ref: VenueOrderRef): Promise<VenueAnswer>;
  /**
   * Closes all of a position at the market, by an order of the venue's own, whose id the answer tells where the venue does (else
   * it is empty): its fills carry no id of ours. Only where the venue `closesPosition`; elsewhere refused. `no_position`: there
   * is nothing to close.
   */
  closePosition(account: VenueAccountRef, symbol: string): Promise<VenueAnswer>;
  /** Working or ended within the venue's memory; undefined: the venue does not show it. Lags and misses as readings do. */
  findOrder(account: VenueAccountRef, symbol: string, ref: VenueOrderRef): Promise<VenueOrder | undefined>;
  readAccount(account: VenueAccountRef): Promise<VenueAccountState>;
  /** All that it tells of by now beyond `cursor`, by cursor, at most as many as one answer holds. */
  fillsSince(account: VenueAccountRef, cursor: number): Promise<VenueFill[]>;
  billsSince(account: VenueAccountRef, cursor: number): Promise<VenueBill[]>;
  /** Closed orders with an update after `ts`, for attribution. */
  ordersSince(account: VenueAccountRef, ts: number): Promise<VenueOrder[]>;
  /**
   * Looks whether an account can be used, by its keys as they are now: a row for each check that applies here, in the order of
   * their union. What goes wrong is a row, too: rejects only with VenueKeysError, or VenueUnavailable where nothing at all could
   * be found. A test order is placed only where money is play money, and leaves nothing. Absent: a reading tells all there is.
   */
  testAccount?(account: VenueAccountRef): Promise<CheckRow[]>;
  /** Its keys, or the account, were removed: what is kept of it here (keys, a session, a stream) ends. Absent: nothing is kept. */
  forgetAccount?(account: VenueAccountRef): Promise<void>;
  /** Starts the private stream; one listener. Accounts join with `watch`. */
  start(listener: (push: VenuePush) => void): Promise<void>;
  watch(account: VenueAccountRef): Promise<void>;
  stop(): Promise<void>;
}
