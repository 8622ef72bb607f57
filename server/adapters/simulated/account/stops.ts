import { add, type Decimal, gte, lte, min, mul, ZERO } from '../../../../shared/domain/decimal.ts';
import type { Quote } from '../../../../shared/domain/market.ts';
import type { Side, TriggerBy } from '../../../../shared/domain/order.ts';
import { available, exposureAdded, orderCost } from './margin.ts';
import { matchAsTaker } from './matching.ts';
import { endOrder, pushOrder } from './orders.ts';
import { isRestingStop, type LiveOrder, newId, type VenueTurn } from './state.ts';

export const triggerReference = (quote: Quote, by: TriggerBy): Decimal =>
  by === 'mark' ? quote.mark : quote.last;

/** A sell stop lies below the price and fires at or below its trigger; a buy stop the other way round. */
export function stopReached(side: Side, trigger: Decimal, price: Decimal): boolean {
  return side === 'sell' ? lte(price, trigger) : gte(price, trigger);
}

/** Fires every stop whose trigger the step's price has reached, in the order they were placed. */
export function fireStops(turn: VenueTurn): void {
  for (const stop of [...turn.state.orders]) {
    if (!isRestingStop(stop) || !turn.state.orders.includes(stop)) continue;
    if (stop.triggerPrice === null || stop.triggerBy === null) continue;
    const price = triggerReference(turn.market.quote(stop.symbol), stop.triggerBy);
    if (stopReached(stop.side, stop.triggerPrice, price)) fire(turn, stop);
  }
}

function fire(turn: VenueTurn, stop: LiveOrder): void {
  const position = turn.state.positions[stop.symbol];
  if (stop.reduceOnly) {
    if (position === undefined) {
      endOrder(turn, stop, 'cancelled', 'position_closed');
      return;
    }
    stop.size = turn.profile.capabilities.sizedStop ? min(stop.size, position.size) : position.size;
  } else if (!affordable(turn, stop)) {
    endOrder(turn, stop, 'cancelled', 'insufficient_balance');
    return;
  }
  if (turn.profile.firesAs === 'order') {
    matchAsTaker(turn, becomeOrder(turn, stop));
    return;
  }
  stop.status = 'triggered';
  pushOrder(turn, stop);
  matchAsTaker(turn, stop);
}

/** The stop is over; what it was to do a market order of the venue's own does. */
function becomeOrder(turn: VenueTurn, stop: LiveOrder): LiveOrder {
  const { clientOrderId, parentClientOrderId } = stop;
  const order: LiveOrder = {
    ...stop,
    venueOrderId: newId(turn.state, 'o'),
    clientOrderId: null,
    parentClientOrderId: null,
    replacesOrderId: null,
    type: 'market',
    triggerPrice: null,
    triggerBy: null,
    firedFrom: { clientOrderId, parentClientOrderId },
  };
  stop.becameOrderId = order.venueOrderId;
  endOrder(turn, stop, 'triggered', null);
  turn.state.orders.push(order);
  pushOrder(turn, order);
  return order;
}

/** A stop entry reserved its margin at the trigger price; the price it meets may need more. */
function affordable(turn: VenueTurn, stop: LiveOrder): boolean {
  const { state, market } = turn;
  const quote = market.quote(stop.symbol);
  const added = exposureAdded(state, stop.symbol, stop.side, stop.size);
  if (added === ZERO) return true;
  const reserved = orderCost(state, market, stop.symbol, mul(added, stop.triggerPrice ?? ZERO));
  const needed = orderCost(
    state,
    market,
    stop.symbol,
    mul(added, stop.side === 'buy' ? quote.ask : quote.bid),
  );
  return gte(add(available(state, market), reserved), needed);
}
