import { type Decimal, min, ZERO } from '../../../../shared/domain/decimal.ts';
import { bookExecution, closingSide } from './ledger.ts';
import { matchAsTaker } from './matching.ts';
import { cancelClosers, cancelWhere, pushOrder, resizeUnsizedStops } from './orders.ts';
import { type KeptFill, type LiveOrder, newId, type VenueTurn } from './state.ts';

/** Auto-deleveraging: the venue closes up to `size` of the position at the mark, against somebody's bankruptcy. */
export function deleverage(turn: VenueTurn, symbol: string, size: Decimal): void {
  closeAtMark(turn, symbol, size, 'adl');
  if (turn.state.positions[symbol] === undefined) cancelClosers(turn, symbol, undefined);
  else resizeUnsizedStops(turn, symbol);
}

/** An order of the venue's own for all of the position, as its owner asked for; its id. */
export function closeAtMarket(turn: VenueTurn, symbol: string): string {
  const held = turn.state.positions[symbol];
  if (held === undefined) return '';
  const order: LiveOrder = {
    venueOrderId: newId(turn.state, 'o'),
    clientOrderId: null,
    parentClientOrderId: null,
    replacesOrderId: null,
    becameOrderId: null,
    symbol,
    side: closingSide(held),
    type: 'market',
    size: held.size,
    price: null,
    triggerPrice: null,
    triggerBy: null,
    reduceOnly: true,
    status: 'open',
    filledSize: ZERO,
    reason: null,
    ts: turn.now,
    timeInForce: 'ioc',
    attachedStop: null,
    stopOrderId: null,
  };
  turn.state.orders.push(order);
  pushOrder(turn, order);
  matchAsTaker(turn, order);
  return order.venueOrderId;
}

/** The symbol is about to end: what would add exposure is cancelled, what protects and closes stays. */
export function cancelEntries(turn: VenueTurn, symbol: string): void {
  cancelWhere(turn, 'delisting', (order) => order.symbol === symbol && !order.reduceOnly);
}

/** The symbol has ended: no order is left, and what is open is settled at the mark. */
export function settlePosition(turn: VenueTurn, symbol: string): void {
  cancelWhere(turn, 'delisted', (order) => order.symbol === symbol);
  const held = turn.state.positions[symbol];
  if (held !== undefined) closeAtMark(turn, symbol, held.size, 'settlement');
}

function closeAtMark(turn: VenueTurn, symbol: string, size: Decimal, source: KeptFill['source']): void {
  const held = turn.state.positions[symbol];
  if (held === undefined) return;
  bookExecution(turn, {
    venueOrderId: newId(turn.state, 'o'),
    clientOrderId: null,
    symbol,
    side: closingSide(held),
    price: turn.market.quote(symbol).mark,
    size: min(size, held.size),
    liquidity: 'taker',
    source,
  });
}
