import { INTERVAL_MS } from '../../../shared/domain/market.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { Turn } from '../turn/turn.ts';
import { firstBarOf, seriesKey } from './barsDue.ts';

/** Where the log says that bots were asked about bars at which nobody knew yet of this position, whoever takes over asks anew. */
export function openedLate(turn: Turn, position: Position): void {
  const bot = position.botId === null ? undefined : turn.desk.bots.get(position.botId);
  if (bot === undefined) return;
  const series = seriesKey(bot);
  const length = INTERVAL_MS[bot.interval];
  const before = firstBarOf(position, length) - length;
  if ((turn.desk.barsGiven.get(series) ?? before) > before)
    turn.emit('BarsGiven', { series, openTime: before });
}
