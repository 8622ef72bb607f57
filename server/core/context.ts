import type { Instrument } from '../../shared/domain/instrument.ts';
import type { Interval, Quote } from '../../shared/domain/market.ts';
import type { VenueCapabilities } from '../ports/venue.ts';
import type { BarSeries, Strategy } from './strategy/strategy.ts';

/** Named bounds and timings the engine decides by. */
export interface EngineSettings {
  maxBotsPerDesk: number;
  maxAccountsPerDesk: number;
  maxOpenOrdersPerAccount: number;
  /** Down for at most this long (wall ms), bots go on as they were. */
  resumeWithinMs: number;
  /** A stop that was attached or sent must be seen resting within this, wall ms; else the account is read. */
  stopReadBackMs: number;
  /** Longest tolerated time without a resting stop, market ms, before `Unprotected` is said. */
  unprotectedLimitMs: number;
  /** Between comparisons of an active account with its venue, wall ms. */
  reconcileEveryMs: number;
  /** Between points of the equity curve, wall ms. */
  equityEveryMs: number;
  /** Between attempts after a refused close, wall ms; and refused closes, or cancels, before an emergency reports a residual. */
  closeRetryMs: number;
  closeAttempts: number;
}

export const DEFAULT_ENGINE_SETTINGS: EngineSettings = {
  maxBotsPerDesk: 10,
  maxAccountsPerDesk: 10,
  maxOpenOrdersPerAccount: 200,
  resumeWithinMs: 120_000,
  stopReadBackMs: 2_000,
  unprotectedLimitMs: 5_000,
  reconcileEveryMs: 30_000,
  equityEveryMs: 60_000,
  closeRetryMs: 1_000,
  closeAttempts: 20,
};

/** What a venue is to the core. */
export interface VenueFacts {
  capabilities: VenueCapabilities;
  simulated: boolean;
  /** Longest time a write may still take effect after it was sent, market ms. */
  writeWindowMs: number;
  /** Market milliseconds per wall millisecond; 1 for real venues. */
  speed: number;
  /** Market time waits for us: its speed is nominal, and nothing is excused by it. */
  lockStep: boolean;
}

/** Market data and settings at the moment of a decision: read, never stored with the desk. */
export interface Context {
  /** Names the log; part of every client order id, so that a restored log never repeats one. */
  epoch: string;
  /** Of a steady clock, which nobody sets: stamps are written and patience is measured by it. Never before that of an earlier decision of this process. */
  wallTime: number;
  settings: EngineSettings;
  marketTime(venue: string): number;
  venue(venue: string): VenueFacts | undefined;
  instrument(venue: string, symbol: string): Instrument | undefined;
  /** Undefined unless fresh: what needs a price fails closed. */
  quote(venue: string, symbol: string): Quote | undefined;
  /** The newest there was, however old: by it a loss stays known while there is no fresh one. Nothing is entered on it. */
  lastQuote(venue: string, symbol: string): Quote | undefined;
  /** Exactly `bars` closed bars, the last one opened at `lastOpenTime` (default: the newest); undefined unless complete. */
  series(
    venue: string,
    symbol: string,
    interval: Interval,
    bars: number,
    lastOpenTime?: number,
  ): BarSeries | undefined;
  strategy(id: string): Strategy | undefined;
  /** Of all that can be chosen. */
  strategyIds(): Iterable<string>;
}
