import { add, gt, lt, mul, sub, ZERO } from '../../../shared/domain/decimal.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { Context } from '../../core/context.ts';
import type { Decision } from '../../core/decide.ts';
import { type Desk, positionOf } from '../../core/desk.ts';
import type { Effect } from '../../core/effects.ts';
import type { Input } from '../../core/inputs.ts';
import { entryPrice, isTighter, lossSide } from '../../core/rules/priceSides.ts';
import { InvariantBroken } from '../broken.ts';

/** What a decision may not do with what ends a position, by the market as it was seen. */
export function checkExitRuling(
  desk: Desk,
  context: Context,
  input: Input,
  { events, effects }: Decision,
): void {
  for (const { kind, data } of events) {
    if (kind === 'OrderSubmitted') checkWithinBand(desk, context, data.order);
    if ('position' in data) checkOwnStop(desk, data.position);
  }
  if (input.type !== 'PriceMoved') return;
  for (const effect of effects) if (effect.type === 'AmendOrder') checkFollowed(desk, context, effect);
}

/** What the venue would refuse for certain is not sent. */
function checkWithinBand(desk: Desk, context: Context, order: Order): void {
  const { accountId, symbol, purpose, venueOrderId, price } = order;
  const venue = desk.accounts.get(accountId)?.account.venue ?? '';
  const mark = context.quote(venue, symbol)?.mark;
  const ratio = context.instrument(venue, symbol)?.priceBandRatio;
  if (purpose !== 'take_profit' || venueOrderId !== null || price === null) return;
  if (mark === undefined || ratio === undefined) return;
  const reach = mul(mark, ratio);
  if (gt(price, add(mark, reach)) || lt(price, sub(mark, reach)))
    throw new InvariantBroken(
      'TARGET',
      `a target of ${symbol} at ${price} is sent, which the venue refuses at ${mark}`,
    );
}

/** What is shown as the stop of a position is ours, and closes it. */
function checkOwnStop(desk: Desk, { stop, symbol, direction, size, foreign }: Position): void {
  if (stop?.state !== 'resting' || stop.orderId === null || size === ZERO || foreign === true) return;
  const order = desk.orders.get(stop.orderId);
  if (order === undefined) return;
  const closes = (order.side === 'sell') === (direction === 'long');
  if (!closes || order.foreign === true)
    throw new InvariantBroken(
      'INV-5',
      `the stop of ${direction} ${symbol} is said to be ${order.side} ${order.orderId}${order.foreign === true ? ', which is not ours' : ''}`,
    );
}

/** A stop that follows the price keeps its distance from the mark, or lies where the position breaks even, or before its liquidation. */
function checkFollowed(
  desk: Desk,
  context: Context,
  { venue, order, change }: Extract<Effect, { type: 'AmendOrder' }>,
): void {
  const held = positionOf(desk, order.accountId, order.symbol);
  const mark = context.quote(venue, order.symbol)?.mark;
  const tick = context.instrument(venue, order.symbol)?.tickSize;
  const to = change.triggerPrice;
  if (order.purpose !== 'stop' || to === undefined || order.triggerPrice === to) return;
  if (held === undefined || held.protection.trailing === null || mark === undefined || tick === undefined)
    return;
  if (desk.alerts.has(`liquidation:${held.accountId}:${held.symbol}`)) return;
  const { direction, protection } = held;
  const even = lossSide(direction, entryPrice(held), ZERO, tick);
  const followed = lossSide(direction, mark, protection.trailing?.distancePct ?? ZERO, tick);
  if (isTighter(direction, to, even) && isTighter(direction, to, followed))
    throw new InvariantBroken(
      'TRAIL',
      `the stop of ${direction} ${order.symbol} moves to ${to}, nearer to the mark ${mark} than its plan`,
    );
}
