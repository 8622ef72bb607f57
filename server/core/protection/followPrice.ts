import { abs, type Decimal, gte, sub, ZERO } from '../../../shared/domain/decimal.ts';
import type { Quote } from '../../../shared/domain/market.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { type AccountState, positionOf } from '../desk.ts';
import type { Turn } from '../turn.ts';
import { closeIfDue, isCloseDue } from './closeDue.ts';
import { guardPosition } from './guardPosition.ts';
import { canMoveStop } from './sendStop.ts';
import { entryPrice, gainPct, isTighter, lossSide, trailStep } from './stopPrice.ts';

/** Whether the mark can move this position's exits: spares the others every tick. */
export function followsPrice(position: Position): boolean {
  const { trailing, breakEvenAtPct, breakEvenDone, closeAt } = position.protection;
  return trailing !== null || (breakEvenAtPct !== null && !breakEvenDone) || closeAt !== null;
}

/**
 * Trailing, break-even and time exits at the current mark. The wanted stop only ever tightens, so the best mark seen
 * needs no memory of its own: the stop is that memory.
 */
export function followPrice(turn: Turn, state: AccountState, quote: Quote): void {
  const position = positionOf(turn.desk, state.account.accountId, quote.symbol);
  if (position === undefined || !followsPrice(position)) return;
  if (isCloseDue(turn, position)) {
    closeIfDue(turn, state, position.symbol);
    return;
  }
  const { venue } = state.account;
  const instrument = turn.context.instrument(venue, position.symbol);
  const facts = turn.context.venue(venue);
  if (instrument === undefined || position.stop === null || position.stop.state !== 'resting') return;
  // It stays where it rests, and is shown there.
  if (facts === undefined || !canMoveStop(facts)) return;
  const gain = gainPct(position, quote.mark);
  let wanted: Decimal = position.stop.triggerPrice;
  let { breakEvenDone } = position.protection;
  const { trailing, breakEvenAtPct } = position.protection;
  if (breakEvenAtPct !== null && !breakEvenDone && gte(gain, breakEvenAtPct)) {
    breakEvenDone = true;
    const entry = lossSide(position.direction, entryPrice(position), ZERO, instrument.tickSize);
    if (isTighter(position.direction, entry, wanted)) wanted = entry;
  }
  if (trailing !== null && gte(gain, trailing.activatePct)) {
    const candidate = lossSide(position.direction, quote.mark, trailing.distancePct, instrument.tickSize);
    const step = abs(sub(candidate, wanted));
    if (
      isTighter(position.direction, candidate, wanted) &&
      gte(step, trailStep(quote.mark, instrument.tickSize))
    ) {
      wanted = candidate;
    }
  }
  if (wanted === position.stop.triggerPrice && breakEvenDone === position.protection.breakEvenDone) return;
  turn.emit('PositionChanged', {
    position: {
      ...position,
      stop: { ...position.stop, triggerPrice: wanted },
      protection: { ...position.protection, breakEvenDone },
      updatedAt: turn.wallTime,
    },
    trade: null,
  });
  guardPosition(turn, state, position.symbol);
}
