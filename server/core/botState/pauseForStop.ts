import type { Cause } from '../../../shared/domain/cause.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { Turn } from '../turn/turn.ts';
import { moveBot } from './botState.ts';

/** A bot whose position could not be protected would only be naked again: its owner looks first. */
export function pauseForStop(turn: Turn, position: Position, cause: Cause): void {
  const bot = position.botId === null ? undefined : turn.desk.bots.get(position.botId);
  if (bot === undefined || (bot.state !== 'running' && bot.state !== 'starting')) return;
  moveBot(turn, bot, 'paused', {
    reason: { code: 'unprotected', figures: { symbol: position.symbol, cause } },
    version: bot.version + 1,
    changedBy: { deviceId: null, action: 'stop refused', at: turn.wallTime },
  });
}
