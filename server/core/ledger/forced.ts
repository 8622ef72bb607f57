import type { AlertCode } from '../../../shared/domain/alert.ts';
import { isZero } from '../../../shared/domain/decimal.ts';
import type { Fill } from '../../../shared/domain/fill.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { haltBot } from '../botState/botState.ts';
import type { Holding } from '../rules/positionAfterFill.ts';
import { raiseAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';

/** What the venue does by rules of its own: the alert's code, and what it did in words. */
const FORCED: Partial<Record<Fill['source'], { code: AlertCode; did: string }>> = {
  liquidation: { code: 'position_liquidated', did: 'liquidated' },
  adl: { code: 'position_deleveraged', did: 'auto-deleveraged' },
  settlement: { code: 'position_settled', did: 'settled, as the symbol ended,' },
};

/** The venue took exposure away by rules of its own: said with its figures, whoever held it; a bot that did is halted. */
export function tellForced(turn: Turn, held: Position, after: Holding, fill: Fill): void {
  const forced = FORCED[fill.source];
  if (forced === undefined) return;
  const { accountId, symbol, direction, botId } = held;
  const left = isZero(after.size) ? 'nothing of it is left' : `${after.size} of it is left`;
  const figures = `realised ${fill.realisedPnl}, fee ${fill.fee}`;
  raiseAlert(turn, {
    alertId: `forced:${accountId}:${symbol}`,
    severity: 'critical',
    code: forced.code,
    message: `The venue ${forced.did} ${fill.size} of your ${direction} position in ${symbol} at ${fill.price} (${figures}); ${left}.`,
    accountId,
    botId,
  });
  if (botId !== null) haltBot(turn, botId, `the venue reduced the position by ${fill.source}`, false);
}
