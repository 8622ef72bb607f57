import { INTERVAL_MS } from '../../../shared/domain/market.ts';
import type { Turn } from '../turn/turn.ts';
import { type BarClosed, heldOn, isAsked, seriesKey } from './barsDue.ts';
import { evaluateBot } from './evaluateBot.ts';

/** Bars between two notes in the log of how far bots were asked: what a restart asks them again at most. */
const NOTE_EVERY_BARS = 16;

/** Asks every bot that follows the series, or those that the bar is for. */
export function barClosed(turn: Turn, bar: BarClosed): void {
  const key = seriesKey(bar);
  for (const bot of [...turn.desk.bots.values()]) {
    if (seriesKey(bot) !== key || !isAsked(bar, bot)) continue;
    const state = turn.desk.accounts.get(bot.accountId);
    if (state !== undefined) evaluateBot(turn, state, bot, bar);
  }
  if (heldOn(turn.desk, bar).length === 0) return;
  const noted = turn.desk.barsGiven.get(key) ?? 0;
  if (bar.openTime - noted >= NOTE_EVERY_BARS * INTERVAL_MS[bar.interval])
    turn.emit('BarsGiven', { series: key, openTime: bar.openTime });
}
