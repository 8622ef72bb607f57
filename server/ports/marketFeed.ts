import type { Decimal } from '../../shared/domain/decimal.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import type { Candle, Interval, Quote } from '../../shared/domain/market.ts';

/** A bar that closed. `revision` grows when a venue corrects it. */
export interface ClosedBar {
  symbol: string;
  interval: Interval;
  candle: Candle;
  revision: number;
}

export interface MarketListener {
  /** `minuteVolume`: base coin traded from the start of the minute of `quote.ts` up to it; null: the feed cannot tell. */
  onQuote(quote: Quote, minuteVolume: Decimal | null): void;
  /** The base bar (1m) closed: exactly once per minute and symbol, in order, flat when nothing traded. */
  onBar(bar: ClosedBar): void;
  /** The feed was or is interrupted; quotes are not fresh until the next one. */
  onGap(symbol: string, reason: string): void;
  /** These are the instruments from now on, with these facts; one that is missing has ended and is quoted no more. */
  onInstruments?(instruments: Instrument[]): void;
}

/** Market data of one venue: prices now, bars past and present. The same port serves simulated, replayed and real. */
export interface MarketFeed {
  readonly venue: string;
  readonly name: string;
  readonly simulated: boolean;
  /** Market milliseconds per wall millisecond; 1 for real venues. */
  readonly speed: number;
  /** Now, in market time. */
  marketTime(): number;
  instruments(): Promise<Instrument[]>;
  /** Closed 1m bars with openTime < `before`, oldest first; at most 1,000. May be fewer where history ends. */
  history(symbol: string, before: number, limit: number): Promise<Candle[]>;
  latest(symbol: string): Quote | undefined;
  /** One listener per feed. */
  start(listener: MarketListener): Promise<void>;
  /**
   * For reproducible runs: the feed waits for this after every step of market time, until inbox, commits and
   * effects have settled. Feeds of real time ignore it.
   */
  setBarrier?(settled: () => Promise<void>): void;
  stop(): Promise<void>;
}
