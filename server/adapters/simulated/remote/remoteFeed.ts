import type { Instrument } from '../../../../shared/domain/instrument.ts';
import type { Candle, Quote } from '../../../../shared/domain/market.ts';
import { INTERVAL_MS } from '../../../../shared/domain/market.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { ClosedBar, MarketFeed, MarketListener } from '../../../ports/marketFeed.ts';
import { VenueUnavailable } from '../../../ports/venue.ts';
import type { VenueLink } from './venueLink.ts';
import type { ToldQuote, Welcome } from './wire.ts';

const MINUTE_MS = INTERVAL_MS['1m'];
/** Missed bars fetched in one call. */
const BACKFILL_BARS = 1_000;

/** The market of a venue in another process. Bars missed while disconnected are fetched before newer ones are shown. */
export class RemoteFeed implements MarketFeed {
  readonly #link: () => VenueLink;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly simulated = true;
  #welcome: Welcome | undefined;
  #listener: MarketListener | undefined;
  #listed: ReadonlySet<string> = new Set();
  readonly #quotes = new Map<string, Quote>();
  /** Open time of the last bar shown, per symbol. */
  readonly #shown = new Map<string, number>();
  #bars: Promise<void> = Promise.resolve();
  #time = { marketTime: 0, wallTime: 0 };
  #latestTime = 0;

  constructor(link: () => VenueLink, clock: Clock, logger: Logger) {
    this.#link = link;
    this.#clock = clock;
    this.#logger = logger;
  }

  get venue(): string {
    return this.#facts().venue;
  }

  get name(): string {
    return this.#facts().feedName;
  }

  get speed(): number {
    return this.#facts().speed;
  }

  marketTime(): number {
    const { speed } = this.#facts();
    const elapsed = Math.max(0, this.#clock.now() - this.#time.wallTime);
    this.#latestTime = Math.max(this.#latestTime, Math.floor(this.#time.marketTime + elapsed * speed));
    return this.#latestTime;
  }

  async instruments(): Promise<Instrument[]> {
    return this.#facts().instruments;
  }

  async history(symbol: string, before: number, limit: number): Promise<Candle[]> {
    return (await this.#link().call(
      'history',
      [symbol, before, Math.min(limit, BACKFILL_BARS)],
      null,
    )) as Candle[];
  }

  latest(symbol: string): Quote | undefined {
    return this.#quotes.get(symbol);
  }

  async start(listener: MarketListener): Promise<void> {
    if (this.#listener !== undefined) throw new Error('the feed is started already');
    const lastClosed = this.#lastClosed();
    for (const { symbol } of this.#facts().instruments) this.#shown.set(symbol, lastClosed);
    this.#listener = listener;
  }

  async stop(): Promise<void> {
    this.#listener = undefined;
  }

  connected(welcome: Welcome): void {
    const isAgain = this.#welcome !== undefined;
    this.#welcome = welcome;
    this.told(welcome.marketTime);
    // They may have changed while nobody told us.
    if (isAgain) this.onInstruments(welcome.instruments);
    else this.#listed = new Set(welcome.instruments.map(({ symbol }) => symbol));
    this.onQuotes(welcome.quotes);
  }

  told(marketTime: number): void {
    this.#time = { marketTime, wallTime: this.#clock.now() };
  }

  lost(reason: string): void {
    for (const symbol of this.#quotes.keys()) this.#listener?.onGap(symbol, reason);
  }

  onGap(symbol: string, reason: string): void {
    this.#listener?.onGap(symbol, reason);
  }

  onInstruments(instruments: Instrument[]): void {
    this.#welcome = { ...this.#facts(), instruments };
    this.#listed = new Set(instruments.map(({ symbol }) => symbol));
    for (const symbol of this.#quotes.keys()) if (!this.#listed.has(symbol)) this.#quotes.delete(symbol);
    const lastClosed = this.#lastClosed();
    for (const symbol of this.#listed) if (!this.#shown.has(symbol)) this.#shown.set(symbol, lastClosed);
    this.#listener?.onInstruments?.(instruments);
  }

  onQuotes(told: ToldQuote[]): void {
    for (const { quote, minuteVolume } of told) {
      // On its way when its symbol ended.
      if (!this.#listed.has(quote.symbol)) continue;
      this.#quotes.set(quote.symbol, quote);
      this.#listener?.onQuote(quote, minuteVolume);
    }
  }

  onBar(bar: ClosedBar): void {
    this.#bars = this.#bars
      .then(() => this.#show(bar))
      .catch((error: unknown) => {
        // The next bar fetches what this one could not.
        this.#logger.warn({ err: error, symbol: bar.symbol }, 'missed bars could not be fetched');
      });
  }

  async #show(bar: ClosedBar): Promise<void> {
    const { symbol } = bar;
    const last = this.#shown.get(symbol);
    if (this.#listener === undefined || last === undefined || bar.candle.openTime <= last) return;
    for (let from = last + MINUTE_MS; from < bar.candle.openTime; ) {
      const count = Math.min(BACKFILL_BARS, (bar.candle.openTime - from) / MINUTE_MS);
      const candles = await this.history(symbol, from + count * MINUTE_MS, count);
      if (candles[0]?.openTime !== from)
        throw new VenueUnavailable(`history has no bar of ${symbol} at ${from}`);
      for (const candle of candles) this.#emit({ symbol, interval: '1m', candle, revision: 0 });
      from += candles.length * MINUTE_MS;
    }
    this.#emit(bar);
  }

  /** Open time of the newest minute that is over. */
  #lastClosed(): number {
    return Math.floor(this.marketTime() / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
  }

  #emit(bar: ClosedBar): void {
    this.#shown.set(bar.symbol, bar.candle.openTime);
    this.#listener?.onBar(bar);
  }

  #facts(): Welcome {
    if (this.#welcome === undefined) throw new VenueUnavailable('the venue was never connected');
    return this.#welcome;
  }
}
