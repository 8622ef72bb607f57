import { dec } from '../../shared/domain/decimal.ts';
import type { Instrument, MarketsNow } from '../../shared/domain/instrument.ts';
import type { Candle, Interval, OpenCandle, Quote } from '../../shared/domain/market.ts';
import type { OpArgs, OpResult } from '../../shared/protocol/ops.ts';
import type { MarketData } from '../ports/deskGateway.ts';

type CandleHandler = Parameters<MarketData['onCandle']>[0];

export function sampleQuote(symbol: string, price: number, ts = price): Quote {
  const last = dec(String(price));
  const fundingRate = dec('0.0001');
  return {
    venue: 'sim',
    symbol,
    ts,
    last,
    bid: last,
    ask: last,
    mark: last,
    index: last,
    fundingRate,
    nextFundingTime: 0,
  };
}

export function sampleCandle(openTime: number, price: number): Candle {
  const open = dec(String(price));
  return { openTime, open, high: open, low: open, close: open, volume: dec('1') };
}

/** Market data of the venue `sim` that moves only when a test says so. */
export class FakeMarketData implements MarketData {
  readonly watched = new Set<string>();
  history: Candle[] = [];
  markets: MarketsNow = { instruments: [], standstills: [] };
  /** What reading history waits for. */
  delay: () => Promise<void> = () => Promise.resolve();
  readonly #symbols: ReadonlySet<string>;
  readonly #quotes = new Map<string, Quote>();
  readonly #quoteHandlers: Array<(quote: Quote) => void> = [];
  readonly #instrumentHandlers: Array<(venue: string) => void> = [];
  readonly #candleHandlers: CandleHandler[] = [];

  constructor(symbols: readonly string[]) {
    this.#symbols = new Set(symbols);
  }

  quote(quote: Quote): void {
    this.#quotes.set(quote.symbol, quote);
    for (const handler of this.#quoteHandlers) handler(quote);
  }

  candle(symbol: string, interval: Interval, candle: Candle, closed: boolean): void {
    for (const handler of this.#candleHandlers) handler({ venue: 'sim', symbol, interval, candle, closed });
  }

  onQuote(handler: (quote: Quote) => void): void {
    this.#quoteHandlers.push(handler);
  }

  onCandle(handler: CandleHandler): void {
    this.#candleHandlers.push(handler);
  }

  watchCandles(venue: string, symbol: string, interval: Interval): void {
    this.watched.add(`${venue}.${symbol}.${interval}`);
  }

  /** The venue's clock. */
  marketTime = 0;

  marketTimes(): Record<string, number> {
    return { sim: this.marketTime };
  }

  latestQuote(_venue: string, symbol: string): Quote | undefined {
    return this.#quotes.get(symbol);
  }

  async candles({ before, limit }: OpArgs<'market.candles'>): Promise<Candle[]> {
    const candles = this.history
      .filter((candle) => before === undefined || candle.openTime < before)
      .slice(-limit);
    await this.delay();
    return candles;
  }

  /** What is open, whatever the interval. */
  open: OpenCandle | null = null;

  async openCandle(): Promise<OpenCandle | null> {
    return this.open;
  }

  async instruments(venue: string): Promise<OpResult<'market.instruments'> | undefined> {
    return venue === 'sim' ? { instruments: this.markets.instruments } : undefined;
  }

  marketsNow(venue: string): MarketsNow | undefined {
    return venue === 'sim' ? this.markets : undefined;
  }

  onInstruments(handler: (venue: string) => void): void {
    this.#instrumentHandlers.push(handler);
  }

  /** The venue lists these from now on. */
  list(instruments: Instrument[]): void {
    this.markets = { ...this.markets, instruments };
    for (const handler of this.#instrumentHandlers) handler('sim');
  }

  hasMarket(venue: string, symbol: string): boolean {
    return venue === 'sim' && this.#symbols.has(symbol);
  }
}
