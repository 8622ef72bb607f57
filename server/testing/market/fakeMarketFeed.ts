import { type Decimal, dec } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Candle, Quote } from '../../../shared/domain/market.ts';
import type { MarketFeed, MarketListener } from '../../ports/marketFeed.ts';

const MINUTE_MS = 60_000;

/** A market whose minutes are written down beforehand; a test decides what is delivered, lost or late. */
export class FakeMarketFeed implements MarketFeed {
  readonly venue: string;
  readonly name = 'fake';
  readonly simulated = true;
  readonly speed = 1;
  readonly symbols: string[];
  /** Minutes since `startTime` of the market's present. */
  minute: number;
  readonly startTime: number;
  /** Minutes that history leaves out, though they happened: nothing traded in them. */
  readonly emptyMinutes = new Set<number>();
  /** History has nothing newer than this minute. */
  historyUntil = Number.POSITIVE_INFINITY;
  /** History has nothing older than this minute. */
  historyFrom = 0;
  historyFailure: Error | undefined;
  historyCalls = 0;
  concurrentCalls = 0;
  mostConcurrentCalls = 0;
  /** Set: calls of history wait for it. */
  gate: Promise<void> | undefined;
  #listener: MarketListener | undefined;

  constructor(options: { venue?: string; symbols?: string[]; startTime?: number; minute: number }) {
    this.venue = options.venue ?? 'sim';
    this.symbols = options.symbols ?? ['BTCUSDT'];
    this.startTime = options.startTime ?? Date.UTC(2024, 0, 1);
    this.minute = options.minute;
  }

  marketTime(): number {
    return this.startTime + this.minute * MINUTE_MS;
  }

  instruments(): Promise<Instrument[]> {
    return Promise.resolve(this.symbols.map((symbol) => fakeInstrument(this.venue, symbol)));
  }

  async history(symbol: string, before: number, limit: number): Promise<Candle[]> {
    this.historyCalls += 1;
    this.concurrentCalls += 1;
    this.mostConcurrentCalls = Math.max(this.mostConcurrentCalls, this.concurrentCalls);
    try {
      await this.gate;
      if (this.historyFailure !== undefined) throw this.historyFailure;
      const end = Math.min(
        this.minute,
        this.historyUntil + 1,
        Math.floor((before - this.startTime) / MINUTE_MS),
      );
      const candles: Candle[] = [];
      for (let minute = end - 1; minute >= this.historyFrom && candles.length < limit; minute -= 1) {
        if (!this.emptyMinutes.has(minute)) candles.unshift(this.candle(symbol, minute));
      }
      return candles;
    } finally {
      this.concurrentCalls -= 1;
    }
  }

  latest(): Quote | undefined {
    return undefined;
  }

  start(listener: MarketListener): Promise<void> {
    this.#listener = listener;
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#listener = undefined;
    return Promise.resolve();
  }

  /** A walk that is a function of symbol and minute. */
  candle(symbol: string, minute: number): Candle {
    const at = (m: number): number => 1000 + symbol.length + 50 * Math.sin(m / 17) + ((m * 7919) % 13);
    const open = at(minute);
    const close = at(minute + 1);
    return {
      openTime: this.startTime + minute * MINUTE_MS,
      open: text(open),
      high: text(Math.max(open, close) + ((minute * 31) % 5)),
      low: text(Math.min(open, close) - ((minute * 17) % 5)),
      close: text(close),
      volume: text(1 + ((minute * 37) % 11) / 10),
    };
  }

  /** The present minute closes; its bar goes to the listener unless `lost`. */
  closeMinute(options: { lost?: boolean } = {}): void {
    const minute = this.minute;
    this.minute += 1;
    if (options.lost !== true) for (const symbol of this.symbols) this.emit(symbol, minute);
  }

  emit(symbol: string, minute: number, revision = 0, candle = this.candle(symbol, minute)): void {
    this.#listener?.onBar({ symbol, interval: '1m', candle, revision });
  }

  quote(symbol: string, ts: number, price = '1000', minuteVolume: Decimal | null = null): void {
    const last = dec(price);
    const quote: Quote = {
      venue: this.venue,
      symbol,
      ts,
      last,
      bid: last,
      ask: last,
      mark: last,
      index: last,
      fundingRate: dec('0'),
      nextFundingTime: 0,
    };
    this.#listener?.onQuote(quote, minuteVolume);
  }

  /** These are the instruments from now on. */
  list(instruments: Instrument[]): void {
    this.#listener?.onInstruments?.(instruments);
  }

  gap(symbol: string, reason: string): void {
    this.#listener?.onGap(symbol, reason);
  }
}

function text(value: number): Decimal {
  return dec(value.toFixed(1).replace(/\.0$/, ''));
}

export function fakeInstrument(venue: string, symbol: string): Instrument {
  return {
    venue,
    symbol,
    baseCoin: symbol.replace(/USDT$/, ''),
    quoteCoin: 'USDT',
    status: 'trading',
    tickSize: dec('0.1'),
    sizeStep: dec('0.001'),
    minSize: dec('0.001'),
    maxLimitSize: dec('1000'),
    maxMarketSize: dec('100'),
    minNotional: dec('5'),
    maxLeverage: 100,
    makerFeeRate: dec('0.0002'),
    takerFeeRate: dec('0.0006'),
    maintenanceMarginRate: dec('0.005'),
    priceBandRatio: dec('0.05'),
    simulated: true,
  };
}
