import type { Decimal } from '../../../../shared/domain/decimal.ts';
import type { Side, TimeInForce } from '../../../../shared/domain/order.ts';
import type { Place } from './legs.ts';

export type TriggerBy = 'last' | 'mark';

/** One leg of a TP/SL order. */
export interface TriggerLeg {
  price: Decimal;
  by: TriggerBy;
  /** Null: by market. */
  limit: Decimal | null;
}

/** What an order takes along for the position it opens. */
export interface Attached {
  takeProfit: TriggerLeg | null;
  stopLoss: TriggerLeg | null;
}

/** Who made an order: the user, or the exchange for one of these reasons; `pos_` is of a TP/SL of the whole position. */
export type OrderOrigin =
  | 'user'
  | 'stop_loss'
  | 'take_profit'
  | 'pos_stop_loss'
  | 'pos_take_profit'
  | 'trigger'
  | 'liquidation'
  | 'adl'
  | 'close';

export type OrderStatus = 'live' | 'partially_filled' | 'filled' | 'cancelled';

export interface OrderRecord extends Place {
  /** Its name at the simulated account, whatever id it is shown under. */
  readonly name: string;
  orderId: string;
  clientOid: string;
  /** What it does at the market. */
  side: Side;
  type: 'limit' | 'market';
  qty: Decimal;
  price: Decimal | null;
  timeInForce: TimeInForce;
  /** It can only close. */
  closes: boolean;
  attached: Attached | null;
  origin: OrderOrigin;
  status: OrderStatus;
  filled: Decimal;
  value: Decimal;
  fee: Decimal;
  pnl: Decimal;
  cancelReason: string;
  leverage: number;
  created: number;
  updated: number;
  /** Its last fill, once there is one. */
  lastFill: FillRecord | null;
}

export interface FillRecord extends Place {
  fillId: string;
  order: OrderRecord;
  side: Side;
  price: Decimal;
  size: Decimal;
  value: Decimal;
  /** Positive = paid. */
  fee: Decimal;
  feeCoin: string;
  pnl: Decimal;
  maker: boolean;
  /** It closed rather than opened. */
  closed: boolean;
  ts: number;
}

export interface BillRecord {
  billId: string;
  symbol: string;
  kind: 'funding' | 'transfer_in' | 'transfer_out' | 'trade';
  marginMode: Place['marginMode'];
  coin: string;
  amount: Decimal;
  /** Positive = paid. */
  fee: Decimal;
  balance: Decimal;
  /** Of a trade. */
  fill: FillRecord | null;
  ts: number;
}

/** A TP/SL or trigger order. */
export interface StrategyRecord extends Place {
  orderId: string;
  clientOid: string;
  kind: 'tpsl' | 'trigger';
  /** Of the whole position, or of `qty` alone. */
  mode: 'full' | 'partial';
  qty: Decimal;
  /** What its order will do at the market. */
  side: Side;
  takeProfit: TriggerLeg | null;
  stopLoss: TriggerLeg | null;
  /** Of a trigger order. */
  trigger: (TriggerLeg & { above: boolean }) | null;
  closes: boolean;
  status: 'pending' | 'success' | 'cancelled' | 'failed';
  /** Which leg fired. */
  fired: 'takeProfit' | 'stopLoss' | 'trigger' | null;
  /** The order it became. */
  sub: OrderRecord | null;
  created: number;
  updated: number;
}

/** A position from its opening to its end. */
export interface PositionRecord extends Place {
  positionId: string;
  direction: 'long' | 'short';
  size: Decimal;
  cost: Decimal;
  opened: Decimal;
  openedValue: Decimal;
  closed: Decimal;
  closedValue: Decimal;
  realised: Decimal;
  openFee: Decimal;
  closeFee: Decimal;
  funding: Decimal;
  created: number;
  updated: number;
}

/** Something a user's private sockets are told. */
export type AccountEvent =
  | { kind: 'order'; order: OrderRecord }
  | { kind: 'fill'; fill: FillRecord }
  | { kind: 'position'; position: PositionRecord }
  | { kind: 'strategy'; strategy: StrategyRecord }
  | { kind: 'account' };
