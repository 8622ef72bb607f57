import { abs, type Decimal, gte, sub, ZERO } from '../../../shared/domain/decimal.ts';
import type { Quote } from '../../../shared/domain/market.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { type AccountState, positionOf } from '../desk.ts';
import type { InputOf } from '../inputs.ts';
import { entryPrice, gainPct, isTighter, lossSide, trailStep } from '../rules/priceSides.ts';
import type { Turn } from '../turn/turn.ts';
import { bringExits } from './bringExits.ts';
import { closeIfDue, isCloseDue } from './closeDue.ts';
import { guardPosition } from './guardPosition.ts';
import { canMoveStop } from './sendStop.ts';
import { hasTargetToPlace } from './targets.ts';

/** Whether the mark can move this position's exits, or let one be placed: spares the others every tick. */
export function followsPrice(position: Position): boolean {
  const { trailing, breakEvenAtPct, breakEvenDone, close, waits } = position.protection;
  const isStopMoved = trailing !== null || (breakEvenAtPct !== null && !breakEvenDone);
  return isStopMoved || close !== null || waits.length > 0;
}

/** The price of a symbol moved: the context has it. */
export function priceMoved(turn: Turn, { venue, symbol }: InputOf<'PriceMoved'>): void {
  const quote = turn.context.quote(venue, symbol);
  if (quote === undefined) return;
  for (const state of turn.desk.accounts.values()) {
    if (state.account.venue === venue) followPrice(turn, state, quote);
  }
}

/**
 * Trailing, break-even, time exits and waiting targets at the current mark. The wanted stop only ever tightens, so the best mark seen
 * needs no memory of its own: the stop is that memory.
 */
function followPrice(turn: Turn, state: AccountState, quote: Quote): void {
  const { venue, accountId } = state.account;
  const held = positionOf(turn.desk, accountId, quote.symbol);
  if (held === undefined || !followsPrice(held)) return;
  if (isCloseDue(turn, held)) {
    closeIfDue(turn, state, held.symbol);
    return;
  }
  const instrument = turn.context.instrument(venue, held.symbol);
  if (instrument === undefined) return;
  if (hasTargetToPlace(held, quote.mark, instrument)) bringExits(turn, state, held.symbol);
  const position = positionOf(turn.desk, accountId, held.symbol);
  const facts = turn.context.venue(venue);
  if (position?.stop == null || position.stop.state !== 'resting') return;
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
