import type { z } from 'zod';
import type { StrategyParams } from '../../../shared/domain/bot.ts';
import type { StrategyNote } from '../../../shared/domain/botNote.ts';
import type { Decimal } from '../../../shared/domain/decimal.ts';
import type { Interval } from '../../../shared/domain/market.ts';
import type { Direction } from '../../../shared/domain/position.ts';

/** Closed bars as columns of floats, oldest first: what indicators are computed from. */
export interface BarSeries {
  openTime: readonly number[];
  open: readonly number[];
  high: readonly number[];
  low: readonly number[];
  close: readonly number[];
  volume: readonly number[];
}

/** What the bot holds, as far as a strategy may know. */
export interface HeldPosition {
  direction: Direction;
  entryPrice: number;
  /** Slots of partial exits already taken, take-profits included. */
  partialsTaken: readonly string[];
  openedAt: number;
}

export interface StrategyContext<P> {
  params: P;
  /** Exactly `warmupBars(params)` bars; the last one just closed. */
  bars: BarSeries;
  position: HeldPosition | null;
}

/** An order the strategy wants to exist. The core compares it with what is, and acts on the difference. */
export interface DesiredOrder {
  /** Its name within the bot: `entry`, `signal_exit`, `half`, later one per grid line. */
  slot: string;
  intent: 'enter' | 'exit';
  /** Of the position it opens or reduces. */
  direction: Direction;
  type: 'market' | 'limit';
  /** For limit orders; rounded to the tick by the core. */
  price?: Decimal;
  /** Enter: share of the bot's allocation. Exit: share of the size that was opened. In (0, 1]. */
  share: Decimal;
}

/** How a position opened now is to be protected; percentages of the entry price. Kept with the position. */
export interface ProtectionPlan {
  stopLossPct: Decimal;
  /** Reduce-only limit orders resting at the venue; shares of the size opened; the last takes the rest. */
  takeProfits: { slot: string; atPct: Decimal; share: Decimal }[];
  trailing: { activatePct: Decimal; distancePct: Decimal } | null;
  breakEvenAtPct: Decimal | null;
  /** Closed at the market after this long, in market milliseconds; null: never. */
  maxHoldMs: number | null;
}

export interface StrategyDecision {
  desired: DesiredOrder[];
  protection: ProtectionPlan;
  /** Why it wants what it wants, or nothing. */
  note: StrategyNote;
}

export interface StrategyPreset {
  id: string;
  name: string;
  interval: Interval;
  params: StrategyParams;
}

/** A pure plugin: no order, risk, protection or ledger code, no clock, no memory between bars. */
export interface Strategy<P extends StrategyParams = StrategyParams> {
  id: string;
  name: string;
  summary: string;
  defaultInterval: Interval;
  /** Strict, with defaults, bounds and a description per parameter. */
  paramsSchema: z.ZodType<P, StrategyParams>;
  presets: readonly StrategyPreset[];
  /** The fixed window indicators are computed from, so that a restart gives the same figures. ≤ 1,000. */
  warmupBars(params: P): number;
  evaluate(context: StrategyContext<P>): StrategyDecision;
}
