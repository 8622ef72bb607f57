import { add, isPositive, sub } from '../../../shared/domain/decimal.ts';
import type { Books } from '../venueModel.ts';
import type { World } from '../world.ts';

/** Whether any fill that made what the venue holds in `symbol`, since it was last flat there, is of an order of this bot. */
export function isHeldOf(world: World, books: Books, symbol: string, botId: string): boolean {
  const held = books.account.state.positions[symbol];
  if (held === undefined) return false;
  const isLong = held.direction === 'long';
  let left = held.size;
  for (const fill of books.fills.toReversed()) {
    if (fill.symbol !== symbol) continue;
    if (fill.clientOrderId !== null && world.history.sent.get(fill.clientOrderId) === botId) return true;
    left = (fill.side === 'buy') === isLong ? sub(left, fill.size) : add(left, fill.size);
    if (!isPositive(left)) return false;
  }
  return false;
}
