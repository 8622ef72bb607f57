import type { StrategyNote } from '../../../shared/domain/botNote.ts';
import { type Decimal, decFromFloat, ONE, sub, ZERO } from '../../../shared/domain/decimal.ts';
import type { Direction } from '../../../shared/domain/position.ts';
import type { ExitParams } from './params.ts';
import type { DesiredOrder, HeldPosition, ProtectionPlan } from './strategy.ts';

/** Parameters are floats with few digits: these places keep them exact. */
const PCT_SCALE = 6;
const MINUTE_MS = 60_000;

export const percent = (value: number): Decimal => decFromFloat(value, PCT_SCALE);
export const shareOf = (sharePct: number): Decimal => decFromFloat(sharePct / 100, PCT_SCALE);

export interface LadderStep {
  slot: string;
  atPct: number;
  /** Of the size opened; 0: no such step. */
  sharePct: number;
}

/**
 * The plan all strategies share: stop, a ladder of take-profits whose shares add up to 1 (the final one takes the rest),
 * break-even, longest hold. `finalSlot` names the final take-profit.
 */
export function protectionPlan(
  params: ExitParams,
  steps: readonly LadderStep[],
  finalSlot: string,
): ProtectionPlan {
  const taken = steps.filter((step) => step.sharePct > 0);
  const rest = taken.reduce((left, step) => sub(left, shareOf(step.sharePct)), ONE);
  return {
    stopLossPct: percent(params.stopLossPct),
    takeProfits: [
      ...taken.map(({ slot, atPct, sharePct }) => ({
        slot,
        atPct: percent(atPct),
        share: shareOf(sharePct),
      })),
      { slot: finalSlot, atPct: percent(params.takeProfitPct), share: rest },
    ],
    trailing: null,
    breakEvenAtPct: params.breakEvenAtPct > 0 ? percent(params.breakEvenAtPct) : null,
    maxHoldMs: params.maxHoldMinutes > 0 ? params.maxHoldMinutes * MINUTE_MS : null,
  };
}

export function entry(direction: Direction): DesiredOrder {
  return { slot: 'entry', intent: 'enter', direction, type: 'market', share: ONE };
}

/** A market exit of `share` of the size that was opened. */
export function exit(slot: string, direction: Direction, share: Decimal): DesiredOrder {
  return { slot, intent: 'exit', direction, type: 'market', share };
}

export const allows = (params: ExitParams, direction: Direction): boolean =>
  params.sides === 'both' || params.sides === direction;

/** A figure for a note: six significant digits. What cannot be computed counts as nothing. */
export function figure(value: number): Decimal {
  if (value === 0 || !Number.isFinite(value)) return ZERO;
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  return decFromFloat(value, Math.min(10, Math.max(0, 5 - magnitude)));
}

/** A reading of an oscillator for a note. */
export const oneDigit = (value: number): Decimal => (Number.isFinite(value) ? decFromFloat(value, 1) : ZERO);

export function lastOf(values: readonly number[]): number {
  const value = values[values.length - 1];
  if (value === undefined) throw new RangeError('no bars');
  return value;
}

/** A signal that its volume does not confirm. */
export const volumeNote = (
  direction: Direction,
  volume: number,
  factor: number,
  average: number,
): StrategyNote => ({
  code: 'waits_for_volume',
  figures: { direction, volume: figure(volume), factor: figure(factor), average: figure(average) },
});

/** Two averages with their periods, for a note. */
export const averages = (
  { fastPeriod, slowPeriod }: { fastPeriod: number; slowPeriod: number },
  fast: readonly number[],
  slow: readonly number[],
) => ({ fastPeriod, fast: figure(lastOf(fast)), slowPeriod, slow: figure(lastOf(slow)) });

/** What a held position is worth now, for a note. */
export function heldFigures({ direction, entryPrice }: HeldPosition, close: number) {
  const sign = direction === 'long' ? 1 : -1;
  const profitPct = ((sign * (close - entryPrice)) / entryPrice) * 100;
  return { direction, entry: figure(entryPrice), now: figure(close), profit: decFromFloat(profitPct, 2) };
}
