import type { Bot } from '../../../shared/domain/bot.ts';
import { add, div, isPositive, isZero, sub } from '../../../shared/domain/decimal.ts';
import type { Fill, Trade } from '../../../shared/domain/fill.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { AccountState } from '../desk.ts';
import { cooldownAfterStopMs } from '../risk/cooldown.ts';
import type { Holding } from '../rules/positionAfterFill.ts';
import { unprotectedUntil } from '../rules/unprotected.ts';
import { resolveAlertsOfPosition } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { exitOf } from './exitOf.ts';

/** The held position as it ends with this fill; undefined while something of it stays open. */
export function endedPosition(
  held: Position,
  effect: { after: Holding; ended: Holding | null },
  fill: Fill,
): Position | undefined {
  const holding = effect.ended ?? (isZero(effect.after.size) ? effect.after : undefined);
  if (holding === undefined) return undefined;
  return {
    ...held,
    ...holding,
    fees: add(held.fees, fill.fee),
    ...unprotectedUntil(held, fill.ts),
    stop: null,
    updatedAt: fill.ingestedAt,
  };
}

export function endTrade(
  turn: Turn,
  state: AccountState,
  ended: Position,
  { order, fill, closedAt }: { order: Order | undefined; fill: Fill; closedAt: number },
): void {
  const netPnl = add(sub(ended.realisedPnl, ended.fees), ended.funding);
  const trade: Trade = {
    tradeId: turn.id('trade', fill.fillId),
    accountId: ended.accountId,
    botId: ended.botId,
    symbol: ended.symbol,
    direction: ended.direction,
    size: ended.openedSize,
    entryPrice: div(ended.openedCost, ended.openedSize),
    exitPrice: div(ended.closedValue, ended.closedSize),
    realisedPnl: ended.realisedPnl,
    fees: ended.fees,
    funding: ended.funding,
    netPnl,
    openedAt: ended.openedAt,
    closedAt,
    unprotectedMs: ended.unprotectedMs,
    exit: exitOf(turn.desk, ended, order, fill),
  };
  turn.emit('PositionChanged', { position: ended, trade });
  resolveAlertsOfPosition(turn, ended.accountId, ended.symbol);
  const bot = ended.botId === null ? undefined : turn.desk.bots.get(ended.botId);
  if (bot !== undefined) countTrade(turn, state, bot, trade);
}

function countTrade(turn: Turn, state: AccountState, bot: Bot, trade: Trade): void {
  const cooldownMs = cooldownAfterStopMs(turn.desk, state);
  turn.emit('BotUpdated', {
    bot: {
      ...bot,
      stats: {
        trades: bot.stats.trades + 1,
        wins: bot.stats.wins + (isPositive(trade.netPnl) ? 1 : 0),
        realisedPnl: add(bot.stats.realisedPnl, trade.realisedPnl),
        fees: add(bot.stats.fees, trade.fees),
        funding: add(bot.stats.funding, trade.funding),
      },
      cooldownUntil:
        trade.exit === 'stop' && cooldownMs !== null ? trade.closedAt + cooldownMs : bot.cooldownUntil,
    },
  });
}
