import { type Decimal, isPositive, lte, mul, sub } from '../../../../shared/domain/decimal.ts';
import type { AmendChange } from '../../../ports/venue.ts';
import { available, exposureAdded, orderCost } from './margin.ts';
import { crosses, matchAsTaker } from './matching.ts';
import { pushOrder } from './orders.ts';
import { checkBand, checkSize, checkStopSide, checkTick, closesAll, type Refusal } from './refusals.ts';
import { type LiveOrder, mustInstrument, newId, type VenueTurn } from './state.ts';

/** Changes a working order in place, or says why not and changes nothing. */
export function amendLive(turn: VenueTurn, order: LiveOrder, change: AmendChange): Refusal | undefined {
  const stop = order.type === 'stop_market';
  const unsized = stop && order.reduceOnly && !turn.profile.capabilities.sizedStop;
  const wanted: LiveOrder = {
    ...order,
    price: stop ? null : (change.price ?? order.price),
    size: unsized ? order.size : (change.size ?? order.size),
    triggerPrice: stop ? (change.triggerPrice ?? order.triggerPrice) : null,
  };
  const refusal = checkAmended(turn, order, wanted);
  if (refusal !== undefined) return refusal;
  order.price = wanted.price;
  order.size = wanted.size;
  order.triggerPrice = wanted.triggerPrice;
  if (turn.profile.amends === 'another') rename(turn, order);
  pushOrder(turn, order);
  if (order.type === 'limit' && crosses(turn, order)) matchAsTaker(turn, order);
  return undefined;
}

function rename({ state }: VenueTurn, order: LiveOrder): void {
  const before = order.venueOrderId;
  order.replacesOrderId = before;
  order.venueOrderId = newId(state, 'o');
  for (const entry of state.orders) if (entry.stopOrderId === before) entry.stopOrderId = order.venueOrderId;
}

function checkAmended(turn: VenueTurn, order: LiveOrder, wanted: LiveOrder): Refusal | undefined {
  const instrument = mustInstrument(turn.market, order.symbol);
  if (lte(wanted.size, order.filledSize)) {
    return { code: 'size', message: `size ${wanted.size} is not above the ${order.filledSize} filled` };
  }
  // What was accepted once stays as it is, whatever the rules have become since.
  const sizeStays = wanted.size === order.size || closesAll(turn, wanted);
  const size = sizeStays ? undefined : checkSize(instrument, wanted.size, order.type !== 'limit');
  if (size !== undefined) return size;
  if (wanted.price !== null) {
    const price =
      (wanted.price === order.price ? undefined : checkTick(instrument, wanted.price)) ??
      checkBand(turn, instrument, wanted.price);
    if (price !== undefined) return price;
    if (order.timeInForce === 'post_only' && crosses(turn, wanted))
      return { code: 'post_only', message: 'would trade at once' };
  }
  if (wanted.triggerPrice !== null && order.triggerBy !== null) {
    const trigger =
      (wanted.triggerPrice === order.triggerPrice ? undefined : checkTick(instrument, wanted.triggerPrice)) ??
      checkStopSide(turn, order.symbol, order.side, wanted.triggerPrice, order.triggerBy);
    if (trigger !== undefined) return trigger;
  }
  return order.reduceOnly ? undefined : checkAffordable(turn, order, wanted);
}

function checkAffordable(turn: VenueTurn, order: LiveOrder, wanted: LiveOrder): Refusal | undefined {
  const { state, market } = turn;
  const cost = (version: LiveOrder): Decimal => {
    const price = version.price ?? version.triggerPrice ?? market.quote(version.symbol).mark;
    const added = exposureAdded(state, version.symbol, version.side, sub(version.size, version.filledSize));
    return orderCost(state, market, version.symbol, mul(added, price));
  };
  const more = sub(cost(wanted), cost(order));
  if (!isPositive(more) || lte(more, available(state, market))) return undefined;
  return { code: 'insufficient_balance', message: `needs ${more} more` };
}
