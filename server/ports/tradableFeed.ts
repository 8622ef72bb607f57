import type { Decimal } from '../../shared/domain/decimal.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import type { Candle, Quote } from '../../shared/domain/market.ts';
import type { MarketFeed } from './marketFeed.ts';

/**
 * The prices of a made-up or recorded market, readable at any market time without stepping through it. Prices change
 * only at multiples of `stepMs`; whoever trades on them and whoever charts them read the same numbers.
 */
export interface PricePath {
  /** Which market this is: two paths with the same id give the same prices. */
  readonly id: string;
  /** Market milliseconds between two prices; divides a minute. */
  readonly stepMs: number;
  /** The first market time that has a price, a multiple of a minute. */
  readonly firstTime: number;
  /** The last one; null: it never ends. */
  readonly lastTime: number | null;
  readonly instruments: readonly Instrument[];
  /** Prices in force at market time `ts`. Throws a RangeError outside the path or for an unknown symbol. */
  quote(symbol: string, ts: number): Quote;
  /** The 1m bar of the minute that starts at `openTime`. Throws like `quote`. */
  candle(symbol: string, openTime: number): Candle;
  /**
   * Base coin traded from the start of the minute that contains `ts` up to `ts`; null: only whole minutes are known.
   * Throws like `quote`.
   */
  volumeSoFar(symbol: string, ts: number): Decimal | null;
  /**
   * Bounds that no last or mark price leaves from `openTime` to `openTime` + 1 minute, both included: lets a minute in
   * which nothing can happen be skipped. They may be wider than what happened.
   */
  bounds(symbol: string, openTime: number): { low: Decimal; high: Decimal };
  /** Base coin on offer at the best price of each side during the step that contains `ts`. */
  depth(symbol: string, ts: number): Decimal;
}

/** How market time follows wall time: market = marketTime + (wall − wallTime) × speed. */
export interface MarketAnchor {
  marketTime: number;
  wallTime: number;
  speed: number;
}

/** What a venue remembers of its market's time from one start to the next. */
export interface SavedMarketTime {
  anchor: MarketAnchor;
  /** Every step up to here was played and is durable. */
  playedTo: number;
}

/** A feed whose prices can be traded on: a matching engine sees each step before the feed's listener does. */
export interface TradableFeed extends MarketFeed {
  readonly path: PricePath;
  /** Called once, before `start`: goes on from what was saved; answers the anchor to save. */
  resume(saved: SavedMarketTime | undefined): MarketAnchor;
  /** Played to the end (of every step) before quotes and bars of that step go out. One matcher per feed. */
  setMatcher(playTo: (marketTime: number) => Promise<void>): void;
  /** Puts other facts of instruments into force and tells the listener; one that is left out has ended. */
  list(instruments: readonly Instrument[]): void;
  /** From the next step on, prices of the symbol are `ratio` times what they would have been, for as long as the process lives. */
  move(symbol: string, ratio: Decimal): void;
  /** Resolves when a path that has an end was played to it. */
  finished(): Promise<void>;
}
