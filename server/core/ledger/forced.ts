import type { Fill } from '../../../shared/domain/fill.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { haltBot } from '../botState/botState.ts';
import type { Holding } from '../rules/positionAfterFill.ts';
import { raiseAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';

/** What the venue does by rules of its own. */
const FORCED = {
  liquidation: 'position_liquidated',
  adl: 'position_deleveraged',
  settlement: 'position_settled',
} as const;
const isForce = (source: Fill['source']): source is keyof typeof FORCED => Object.hasOwn(FORCED, source);

/** The venue took exposure away by rules of its own: said with its figures, whoever held it; a bot that did is halted. */
export function tellForced(turn: Turn, held: Position, after: Holding, fill: Fill): void {
  const { source, size, price, realisedPnl: realised, fee } = fill;
  if (!isForce(source)) return;
  const { accountId, symbol, direction, botId } = held;
  raiseAlert(turn, {
    alertId: `forced:${accountId}:${symbol}`,
    severity: 'critical',
    code: FORCED[source],
    figures: { symbol, direction, size, price, realised, fee, left: after.size },
    accountId,
    botId,
  });
  if (botId !== null) haltBot(turn, botId, { code: 'forced', figures: { by: source } }, false);
}
