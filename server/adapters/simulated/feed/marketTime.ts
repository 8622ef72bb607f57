import type { Clock } from '../../../ports/clock.ts';
import type { MarketAnchor, SavedMarketTime } from '../../../ports/tradableFeed.ts';

/** `max`: as fast as whoever follows can, one step at a time. */
export type Pace = number | 'max';
/** The speed a feed of pace `max` reports: nominal, finite because it travels as a number. */
export const LOCK_STEP_SPEED = 1_000_000;
/** Market time that passes while the venue is down, at most: the rest of a longer absence did not happen. */
export const MAX_CATCH_UP_MARKET_MS = 30 * 24 * 3_600_000;

export interface MarketTimeOptions {
  clock: Clock;
  pace: Pace;
  /** Market time of the very first start. */
  startAt: number;
  /** Whether the market goes on while nobody runs it. */
  whileDown: 'runs' | 'pauses';
}

export const nominalSpeed = (pace: Pace): number => (pace === 'max' ? LOCK_STEP_SPEED : pace);

export function marketTimeAt(anchor: MarketAnchor, wallTime: number): number {
  return anchor.marketTime + Math.max(0, wallTime - anchor.wallTime) * anchor.speed;
}

/** The anchor to go on with, from the saved one: continuous in market time whatever the speed was or is. */
export function resumeAnchor(options: MarketTimeOptions, saved: SavedMarketTime | undefined): MarketAnchor {
  const wallTime = options.clock.now();
  const speed = nominalSpeed(options.pace);
  if (saved === undefined) return { marketTime: options.startAt, wallTime, speed };
  if (options.pace === 'max' || options.whileDown === 'pauses')
    return { marketTime: saved.playedTo, wallTime, speed };
  const now = marketTimeAt(saved.anchor, wallTime);
  const bounded = Math.min(Math.max(now, saved.playedTo), saved.playedTo + MAX_CATCH_UP_MARKET_MS);
  if (bounded === now && speed === saved.anchor.speed) return saved.anchor;
  return { marketTime: Math.floor(bounded), wallTime, speed };
}
