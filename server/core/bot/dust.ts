import type { Bot } from '../../../shared/domain/bot.ts';
import { refusalIn } from '../../../shared/domain/cause.ts';
import { lt } from '../../../shared/domain/decimal.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { AccountState } from '../desk.ts';
import { closeFailures } from '../order/exitFailures.ts';
import { isBelowMinima } from '../rules/leastSize.ts';
import { raiseAlert, resolveAlertsOfPosition } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';

/** Below the venue's minimum, and the venue refused to close it for that: it takes no order for so little. */
export function isRefusedDust(turn: Turn, state: AccountState, held: Position): boolean {
  const refusal = refusalIn(closeFailures(turn.desk, held.accountId, held.symbol)?.reason ?? null);
  const instrument = turn.context.instrument(state.account.venue, held.symbol);
  if (instrument === undefined) return false;
  const price = turn.context.quote(state.account.venue, held.symbol)?.mark;
  if (refusal === 'min_notional' && price !== undefined) return isBelowMinima(held.size, instrument, price);
  return (refusal === 'size' || refusal === 'min_notional') && lt(held.size, instrument.minSize);
}

/** Dust never keeps a bot from ending: it stays with the account, in sight, and belongs to no bot any more. */
export function leaveDust(turn: Turn, bot: Bot, held: Position): void {
  const protection: Position['protection'] = {
    ...held.protection,
    stopLossPct: null,
    trailing: null,
    breakEvenAtPct: null,
    takeProfits: [],
    waits: [],
    exits: [],
    close: null,
  };
  turn.emit('PositionChanged', {
    position: {
      ...held,
      botId: null,
      stop: null,
      protection,
      unprotectedSince: null,
      updatedAt: turn.wallTime,
    },
    trade: null,
  });
  resolveAlertsOfPosition(turn, held.accountId, held.symbol);
  raiseAlert(turn, {
    alertId: `dust:${held.accountId}:${held.symbol}`,
    severity: 'warning',
    code: 'dust',
    figures: { bot: bot.name, symbol: held.symbol, direction: held.direction, size: held.size },
    accountId: held.accountId,
    botId: bot.botId,
  });
}
