import type { MarginMode } from '../../../shared/domain/account.ts';
import type { Decimal } from '../../../shared/domain/decimal.ts';
import type { Order, Side } from '../../../shared/domain/order.ts';

/** An order that somebody wants to send, whoever it is: bots, hands and programs pass the same checks. */
export interface OrderProposal {
  symbol: string;
  side: Side;
  type: 'market' | 'limit';
  size: Decimal;
  price: Decimal | null;
  reduceOnly: boolean;
  stopPrice: Decimal | null;
  takeProfitPrice: Decimal | null;
  leverage: number;
  marginMode: MarginMode;
  /** The bot that asks; null: by hand. */
  botId: string | null;
  /** The working order that this one is to become: not counted twice. */
  replaces?: Order;
}
