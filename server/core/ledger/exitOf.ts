import { isZero } from '../../../shared/domain/decimal.ts';
import type { Fill, Trade } from '../../../shared/domain/fill.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { Desk } from '../desk.ts';
import type { CloseReason } from '../order/flatten.ts';
import { lastClosed } from '../order/lastClosed.ts';
import { PANIC_SLOT } from '../panic/panic.ts';

type Exit = Trade['exit'];

/** What the venue closed by rules of its own, and what fired there. */
const OF_SOURCE: Record<Fill['source'], Exit | null> = {
  order: null,
  stop: 'stop',
  take_profit: 'take_profit',
  liquidation: 'liquidation',
  adl: 'adl',
  settlement: 'settlement',
};

const OF_PURPOSE: Record<Exclude<Order['purpose'], 'close'>, Exit> = {
  // The other way round beyond flat.
  entry: 'signal',
  exit: 'signal',
  stop: 'stop',
  take_profit: 'take_profit',
  manual: 'manual',
};

const OF_CLOSE: Record<CloseReason, Exit> & Record<string, Exit> = {
  bot_stop: 'bot_stop',
  emergency: 'emergency',
  limit: 'limit',
  delisting: 'delisting',
  manual: 'manual',
  time: 'time',
  stop_failed: 'stop_failed',
  [PANIC_SLOT]: 'panic',
};

/**
 * What closed a position: the order, or whoever acted at the venue without one of ours. Its stop, where that fired and the
 * market gave only a part.
 */
export function exitOf(desk: Desk, ended: Position, order: Order | undefined, fill: Fill): Exit {
  const exit = exitBy(order, fill);
  return exit === 'stop_failed' && hasStopFired(desk, ended) ? 'stop' : exit;
}

/** Looked back to what opened the position, as far as orders are remembered. */
function hasStopFired(desk: Desk, { accountId, symbol, botId }: Position): boolean {
  for (const { purpose, reduceOnly, filledSize, botId: owner } of lastClosed(desk, accountId, symbol)) {
    if (isZero(filledSize)) continue;
    if (!reduceOnly) return false;
    if (purpose === 'stop' && owner === botId) return true;
  }
  return false;
}

function exitBy(order: Order | undefined, fill: Fill): Exit {
  const byVenue = OF_SOURCE[fill.source];
  if (byVenue !== null) return byVenue;
  if (order === undefined || order.foreign === true) return 'foreign';
  return order.purpose === 'close' ? (OF_CLOSE[order.slot] ?? 'manual') : OF_PURPOSE[order.purpose];
}
