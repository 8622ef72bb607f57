import { because } from '../../../shared/domain/cause.ts';
import {
  add,
  type Decimal,
  dec,
  gte,
  lte,
  mulDiv,
  roundToStep,
  sub,
} from '../../../shared/domain/decimal.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { type AccountState, openOrders } from '../desk.ts';
import { liquidationMarginPct } from '../risk/limitScope.ts';
import { entryPrice, isTighter, lossSide, trailStep } from '../rules/priceSides.ts';
import { raiseAlert, resolveAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { isCrossed } from './stopFault.ts';
import { stopFailed } from './stopState.ts';

const HUNDRED = dec('100');

/**
 * Brings the stop that rests for a bot's position to its plan, measured from what it was really bought or sold at, and
 * before its liquidation; never looser than it rests. Returns the position as it then is; null: it is being closed, since
 * the mark has passed where its plan puts the stop.
 */
export function tightenStop(turn: Turn, state: AccountState, position: Position): Position | null {
  if (position.stop === null || position.botId === null) return position;
  const mark = turn.context.quote(state.account.venue, position.symbol)?.mark;
  const planned = plannedStop(turn, state, position);
  if (planned !== null && isTighter(position.direction, planned, position.stop.triggerPrice)) {
    if (mark !== undefined && isCrossed(position.direction, planned, mark)) {
      stopFailed(turn, state, position, because('mark_passed_plan', { mark, price: planned }));
      return null;
    }
    return moved(turn, position, planned);
  }
  const edge = liquidationEdge(turn, state, position);
  if (mark === undefined || edge === null || !isBehind(position, position.stop.triggerPrice, edge))
    return position;
  const tick = turn.context.instrument(state.account.venue, position.symbol)?.tickSize;
  if (tick === undefined) return position;
  // A step further in, so that it does not follow each small move of the edge.
  const step = trailStep(mark, tick);
  const before =
    position.direction === 'long'
      ? roundToStep(add(edge, step), tick, 'up')
      : roundToStep(sub(edge, step), tick, 'down');
  // The mark is nearer to the liquidation than a stop may be: what rests, rests, and that is said.
  return isCrossed(position.direction, before, mark) ? position : moved(turn, position, before);
}

function moved(turn: Turn, position: Position, triggerPrice: Decimal): Position {
  if (position.stop === null) return position;
  const next = { ...position, stop: { ...position.stop, triggerPrice }, updatedAt: turn.wallTime };
  turn.emit('PositionChanged', { position: next, trade: null });
  return next;
}

/** Where its plan puts the stop; null: it has none, or its entry still works and its average price may change. */
function plannedStop(turn: Turn, state: AccountState, position: Position): Decimal | null {
  const pct = position.protection.stopLossPct;
  const instrument = turn.context.instrument(state.account.venue, position.symbol);
  if (pct === null || instrument === undefined) return null;
  for (const order of openOrders(turn.desk, position.accountId, position.symbol))
    if (order.botId === position.botId && !order.reduceOnly) return null;
  return lossSide(position.direction, entryPrice(position), pct, instrument.tickSize);
}

/** What a stop must lie before, to fire before the position is liquidated; null: not known. */
function liquidationEdge(turn: Turn, state: AccountState, position: Position): Decimal | null {
  const mark = turn.context.quote(state.account.venue, position.symbol)?.mark;
  if (position.liquidationPrice === null || mark === undefined) return null;
  const distance = mulDiv(mark, liquidationMarginPct(turn.desk, state), HUNDRED, 12);
  return position.direction === 'long'
    ? add(position.liquidationPrice, distance)
    : sub(position.liquidationPrice, distance);
}

const isBehind = ({ direction }: Position, trigger: Decimal, edge: Decimal): boolean =>
  direction === 'long' ? lte(trigger, edge) : gte(trigger, edge);

/** What a stop must lie before for what was said to be over: half the step by which it is moved in, so that no hair of the mark says it again. */
function clearOf(turn: Turn, state: AccountState, position: Position, edge: Decimal): Decimal {
  const { venue } = state.account;
  const mark = turn.context.quote(venue, position.symbol)?.mark;
  const tick = turn.context.instrument(venue, position.symbol)?.tickSize;
  if (mark === undefined || tick === undefined) return edge;
  const half = mulDiv(trailStep(mark, tick), dec('1'), dec('2'), 12);
  return position.direction === 'long' ? add(edge, half) : sub(edge, half);
}

/** Says that a position would be liquidated before its stop, or nearer to it than is allowed, for as long as that holds. */
export function watchLiquidation(
  turn: Turn,
  state: AccountState,
  position: Position,
  resting: Order | undefined,
): void {
  const { accountId, symbol, direction, liquidationPrice, stop, botId } = position;
  const alertId = `liquidation:${accountId}:${symbol}`;
  const edge = liquidationEdge(turn, state, position);
  // Without a price it cannot be told: what was said holds.
  if (edge === null && liquidationPrice !== null) return;
  const trigger = resting?.triggerPrice ?? stop?.triggerPrice ?? null;
  const isSaid = turn.desk.alerts.has(alertId);
  const end = edge === null || !isSaid ? edge : clearOf(turn, state, position, edge);
  const isClear = end === null || trigger === null || !isBehind(position, trigger, end);
  if (isClear || liquidationPrice === null) {
    resolveAlert(turn, alertId);
    return;
  }
  raiseAlert(turn, {
    alertId,
    severity: 'critical',
    code: 'stop_behind_liquidation',
    figures: {
      ...{ symbol, direction, stop: trigger, liquidation: liquidationPrice },
      margin: liquidationMarginPct(turn.desk, state),
    },
    accountId,
    botId,
  });
}
