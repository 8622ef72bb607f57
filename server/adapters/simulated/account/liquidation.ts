import { add, isNegative, isPositive, lte, neg, sub } from '../../../../shared/domain/decimal.ts';
import { bookBill, bookExecution, closingSide } from './ledger.ts';
import {
  crossExcess,
  crossPositions,
  isIsolated,
  isolatedMargins,
  maintenance,
  positionMargin,
  unrealised,
} from './margin.ts';
import { cancelWhere } from './orders.ts';
import { type HeldPosition, mustInstrument, newId, type VenueTurn } from './state.ts';

/** Closes what has no longer the margin it must keep, at the step's prices. */
export function liquidate(turn: VenueTurn): void {
  for (const position of Object.values(turn.state.positions)) {
    if (isIsolated(turn.state, position.symbol) && isolatedBreached(turn, position))
      liquidateIsolated(turn, position);
  }
  if (crossPositions(turn.state).length > 0 && !isPositive(crossExcess(turn.state, turn.market)))
    liquidateCross(turn);
}

function isolatedBreached(turn: VenueTurn, position: HeldPosition): boolean {
  const mark = turn.market.quote(position.symbol).mark;
  const instrument = mustInstrument(turn.market, position.symbol);
  const left = add(positionMargin(turn.state, position), unrealised(position, mark));
  return lte(left, maintenance(position, mark, instrument));
}

/** Costs at most the margin that was set aside for it. */
function liquidateIsolated(turn: VenueTurn, position: HeldPosition): void {
  const { state } = turn;
  const floor = sub(state.balance, positionMargin(state, position));
  cancelWhere(turn, 'liquidation', (order) => order.symbol === position.symbol);
  close(turn, position);
  const missing = sub(floor, state.balance);
  if (isPositive(missing)) bookBill(turn, 'adjustment', missing, position.symbol);
}

/** All cross positions share one margin and go together; what is set aside for isolated ones stays. */
function liquidateCross(turn: VenueTurn): void {
  const { state } = turn;
  cancelWhere(turn, 'liquidation', () => true);
  for (const position of crossPositions(state)) close(turn, position);
  const left = sub(state.balance, isolatedMargins(state));
  if (isNegative(left)) bookBill(turn, 'adjustment', neg(left), null);
}

function close(turn: VenueTurn, position: HeldPosition): void {
  const side = closingSide(position);
  const quote = turn.market.quote(position.symbol);
  bookExecution(turn, {
    venueOrderId: newId(turn.state, 'o'),
    clientOrderId: null,
    symbol: position.symbol,
    side,
    price: side === 'buy' ? quote.ask : quote.bid,
    size: position.size,
    liquidity: 'taker',
    source: 'liquidation',
  });
}
