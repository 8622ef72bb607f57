import type { Emergency } from '../../../shared/domain/alert.ts';
import { because, type Cause, refusalIn, type VenueRefusal } from '../../../shared/domain/cause.ts';
import { lt, sub } from '../../../shared/domain/decimal.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { type AccountState, openOrders, positionOf, positionsOf } from '../desk.ts';
import { persistentCancelRefusal } from '../order/cancelRefused.ts';
import { closeFailures } from '../order/exitFailures.ts';
import { mayLoseStop } from '../order/submit.ts';
import type { Turn } from '../turn/turn.ts';

type Residual = Emergency['residual'];

/**
 * What stays: each position that the venue persistently refuses to close, each order that it persistently refuses to cancel,
 * and nothing else but the stops of those. Undefined while anything else may still be closed or cancelled.
 */
export function refusalsOf(turn: Turn, state: AccountState): Residual | undefined {
  const { accountId, status } = state.account;
  if (status !== 'ready') return undefined;
  const rows: Residual = [];
  const positions = positionsOf(turn.desk, accountId);
  const working = [...openOrders(turn.desk, accountId)];
  for (const order of working) {
    const why = persistentCancelRefusal(turn, order);
    if (why !== undefined) rows.push(rowOfOrder(order, why));
    else if (order.purpose !== 'stop') return undefined;
    // Those of a position that stays, and of an entry that may fill yet, stay as well.
    else if (isStray(turn, state, order, working)) return undefined;
  }
  for (const position of positions) {
    const why = persistentRefusal(turn, state, position);
    if (why === undefined) return undefined;
    rows.push({ accountId, symbol: position.symbol, size: position.size, why });
  }
  return rows;
}

/** A stop that nothing is left for: on a flat symbol, whoever placed it. */
export function isStray(turn: Turn, state: AccountState, stop: Order, working: readonly Order[]): boolean {
  const isFlat = positionOf(turn.desk, stop.accountId, stop.symbol) === undefined;
  return stop.purpose === 'stop' && isFlat && mayLoseStop(state, stop, working);
}

function rowOfOrder(order: Order, why: VenueRefusal): Residual[number] {
  const { accountId, symbol, orderId, size, filledSize } = order;
  return {
    accountId,
    symbol,
    size: sub(size, filledSize),
    why: because('not_cancelled', { as: why }),
    orderId,
  };
}

/** Why the venue keeps refusing to close this position; undefined: it does not, or not for long enough to say so. */
function persistentRefusal(turn: Turn, state: AccountState, position: Position): Cause | undefined {
  const failures = closeFailures(turn.desk, position.accountId, position.symbol);
  if (failures === undefined) return undefined;
  const as = refusalIn(failures.reason);
  const instrument = turn.context.instrument(state.account.venue, position.symbol);
  const isTooSmall = as === 'size' || as === 'min_notional';
  if (isTooSmall && instrument !== undefined && lt(position.size, instrument.minSize))
    return because('dust', { least: instrument.minSize, as });
  return failures.count < turn.context.settings.closeAttempts ? undefined : failures.reason;
}
