import { type Decimal, gt, lt } from '../../../../shared/domain/decimal.ts';
import type { VenueAnswer } from '../../../ports/venue.ts';
import { type RefusalReason, Refused } from './refusal.ts';
import type { Ask } from './trader.ts';

/** A stop that the entry would be beyond protects nothing. */
export function checkAttached({ attached, side, price }: Ask, last: Decimal): void {
  const entry = price ?? last;
  const isLong = side === 'buy';
  const stop = attached?.stopLoss?.price;
  const target = attached?.takeProfit?.price;
  if (stop !== undefined && (isLong ? !lt(stop, entry) : !gt(stop, entry)))
    throw new Refused('stop_direction', 'the stop loss is on the wrong side of the price');
  if (target !== undefined && (isLong ? !gt(target, entry) : !lt(target, entry)))
    throw new Refused('stop_direction', 'the take profit is on the wrong side of the price');
}

/** Throws what the simulated account refuses in the exchange's words. */
export function mustBeTaken(answer: VenueAnswer): void {
  if (answer.outcome !== 'rejected') return;
  const { code, message } = answer;
  if (code === 'size') throw new Refused(message.includes('above') ? 'max_qty' : 'min_qty', message);
  throw new Refused(REASONS[code] ?? 'parameter', message);
}

const REASONS: Partial<Record<string, RefusalReason>> = {
  insufficient_balance: 'balance',
  step: 'qty_step',
  tick: 'tick',
  min_notional: 'min_amount',
  price_band: 'price_band',
  reduce_only: 'side_mismatch',
  post_only: 'post_only',
  no_position: 'no_position',
  no_such_order: 'no_order',
  not_trading: 'not_trading',
  rate_limited: 'too_many_orders',
  leverage: 'leverage',
  mode: 'margin_mode_busy',
};
