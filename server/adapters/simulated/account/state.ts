import type { MarginMode } from '../../../../shared/domain/account.ts';
import type { Decimal } from '../../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../../shared/domain/instrument.ts';
import type { Quote } from '../../../../shared/domain/market.ts';
import type { TimeInForce, TriggerBy } from '../../../../shared/domain/order.ts';
import type { Direction } from '../../../../shared/domain/position.ts';
import type { VenueCursors, VenueFill, VenueOrder, VenuePush } from '../../../ports/venue.ts';
import type { Profile } from '../profiles.ts';

/** Leverage and margin mode of a symbol nobody configured. */
export const DEFAULT_LEVERAGE = 10;
export const DEFAULT_MARGIN_MODE: MarginMode = 'isolated';

/** An order as the venue knows it; it may tell less. */
export type KeptOrder = VenueOrder & { size: Decimal; reduceOnly: boolean };

/** A fill as the venue knows it; it may tell less. */
export type KeptFill = VenueFill & {
  realisedPnl: Decimal;
  feeCoin: string;
  source: NonNullable<VenueFill['source']>;
};

/** An order that works, rests as a stop, or fired and still fills. */
export interface LiveOrder extends KeptOrder {
  timeInForce: TimeInForce;
  attachedStop: { triggerPrice: Decimal; triggerBy: TriggerBy } | null;
  /** The resting stop its attached stop became. */
  stopOrderId: string | null;
  /** The stop that it was before that fired; absent: it never was one. */
  firedFrom?: Pick<VenueOrder, 'clientOrderId' | 'parentClientOrderId'>;
}

export interface HeldPosition {
  symbol: string;
  direction: Direction;
  size: Decimal;
  /** What the open size cost, exactly. */
  cost: Decimal;
}

export interface SymbolConfig {
  leverage: number;
  marginMode: MarginMode;
}

/** All that a simulated account is, as it is stored. */
export interface SimulatedAccount {
  accountId: string;
  /** Position among the venue's accounts, in the order they were opened: prefixes its ids. */
  number: number;
  balance: Decimal;
  positions: Record<string, HeldPosition>;
  config: Record<string, SymbolConfig>;
  /** In the order they were placed. */
  orders: LiveOrder[];
  nextId: number;
  /** Of the last of each kind: 1, 2, 3, … */
  cursors: VenueCursors;
}

/** Whether prices or funding can do anything to it. */
export const hasOpen = ({ orders, positions }: SimulatedAccount): boolean =>
  orders.length > 0 || Object.keys(positions).length > 0;

/** Something an account's owner is told, with all that the venue knows. */
export type AccountPush =
  | { type: 'order'; accountId: string; order: KeptOrder }
  | { type: 'fill'; accountId: string; fill: KeptFill }
  | Extract<VenuePush, { type: 'bill' | 'position' }>;

/** Prices and liquidity during the current step of market time. */
export interface MarketNow {
  readonly stepTime: number;
  instrument(symbol: string): Instrument | undefined;
  quote(symbol: string): Quote;
  depth(symbol: string): Decimal;
}

/** One input being worked into one account. */
export interface VenueTurn {
  state: SimulatedAccount;
  market: MarketNow;
  profile: Profile;
  /** Market time of the input. */
  now: number;
  out: AccountPush[];
  /** Liquidity already taken in this step, per symbol and side of the book. */
  taken: Map<string, Decimal>;
}

export function emptyAccount(accountId: string, number: number): SimulatedAccount {
  return {
    accountId,
    number,
    balance: '0' as Decimal,
    positions: {},
    config: {},
    orders: [],
    nextId: 1,
    cursors: { fills: 0, bills: 0 },
  };
}

export const configOf = (state: SimulatedAccount, symbol: string): SymbolConfig =>
  state.config[symbol] ?? { leverage: DEFAULT_LEVERAGE, marginMode: DEFAULT_MARGIN_MODE };

export function newId(state: SimulatedAccount, kind: 'o' | 'f' | 'b'): string {
  return `s${state.number}${kind}${state.nextId++}`;
}

export function mustInstrument(market: MarketNow, symbol: string): Instrument {
  const instrument = market.instrument(symbol);
  if (instrument === undefined) throw new RangeError(`unknown symbol ${symbol}`);
  return instrument;
}

/** The order as the owner sees it: a copy, because the live one changes. */
export function orderView(order: LiveOrder): KeptOrder {
  const {
    timeInForce: _timeInForce,
    attachedStop: _attachedStop,
    stopOrderId: _stopOrderId,
    firedFrom: _firedFrom,
    ...view
  } = order;
  return view;
}

/** Nothing more becomes of it: also of a stop that fired and became another order. */
export const hasEnded = ({ status, becameOrderId }: VenueOrder): boolean =>
  status !== 'open' && status !== 'partially_filled' && (status !== 'triggered' || becameOrderId !== null);

export const isRestingStop = (order: LiveOrder): boolean =>
  order.type === 'stop_market' && order.status === 'open';
/** Resting stops that close a position, as opposed to stop entries. */
export const isProtectiveStop = (order: LiveOrder): boolean => isRestingStop(order) && order.reduceOnly;
