import { add, type Decimal, dec, max, min, roundToStep, sub } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Candle, Quote } from '../../../shared/domain/market.ts';
import type { MarketListener } from '../../ports/marketFeed.ts';
import type { MarketAnchor, PricePath, SavedMarketTime, TradableFeed } from '../../ports/tradableFeed.ts';

const EIGHT_HOURS = 8 * 3_600_000;
const MINUTE_MS = 60_000;
export const SCRIPT_START = Date.UTC(2026, 0, 5);
export const SCRIPT_STEP_MS = 15_000;

/** Prices a test writes down step by step; the last one stays. Bid, ask and mark are the last price unless moved apart. */
export class ScriptedPath implements PricePath {
  readonly id = 'scripted';
  readonly stepMs = SCRIPT_STEP_MS;
  readonly firstTime = SCRIPT_START - 1000 * MINUTE_MS;
  readonly lastTime = null;
  fundingRate = dec('0.0001');
  halfSpread = dec('0');
  markOffset = dec('0');
  depthSize = dec('1000');
  readonly #prices = new Map<string, Decimal[]>();

  constructor(readonly instruments: readonly Instrument[]) {
    for (const { symbol } of instruments) this.#prices.set(symbol, [dec('100')]);
  }

  script(symbol: string, ...prices: string[]): void {
    const { tickSize } = this.instruments.find((one) => one.symbol === symbol) ?? { tickSize: dec('1') };
    this.#prices.set(
      symbol,
      prices.map((price) => roundToStep(dec(price), tickSize, 'nearest')),
    );
  }

  quote(symbol: string, ts: number): Quote {
    const step = Math.floor((ts - SCRIPT_START) / SCRIPT_STEP_MS);
    const prices = this.#prices.get(symbol);
    const last = prices?.[Math.min(Math.max(0, step), prices.length - 1)];
    if (last === undefined) throw new RangeError(`unknown symbol ${symbol}`);
    const mark = add(last, this.markOffset);
    return {
      venue: 'sim',
      symbol,
      ts: SCRIPT_START + step * SCRIPT_STEP_MS,
      last,
      bid: sub(last, this.halfSpread),
      ask: add(last, this.halfSpread),
      mark,
      index: mark,
      fundingRate: this.fundingRate,
      nextFundingTime: (Math.floor(ts / EIGHT_HOURS) + 1) * EIGHT_HOURS,
    };
  }

  candle(symbol: string, openTime: number): Candle {
    const prices = [0, 1, 2, 3, 4].map((step) => this.quote(symbol, openTime + step * SCRIPT_STEP_MS).last);
    const [open = dec('1')] = prices;
    const close = prices.at(-1) ?? open;
    return { openTime, open, high: prices.reduce(max), low: prices.reduce(min), close, volume: dec('1') };
  }

  volumeSoFar(): null {
    return null;
  }

  bounds(symbol: string, openTime: number): { low: Decimal; high: Decimal } {
    const { low, high } = this.candle(symbol, openTime);
    return { low: min(low, add(low, this.markOffset)), high: max(high, add(high, this.markOffset)) };
  }

  depth(): Decimal {
    return this.depthSize;
  }
}

/** A feed whose time a test moves by hand, step by step. */
export class ManualFeed<P extends PricePath = ScriptedPath> implements TradableFeed {
  readonly venue = 'sim';
  readonly name = 'scripted';
  readonly simulated = true;
  readonly speed = 60;
  /** Market time since the last step, ms. */
  offsetMs = 0;
  #played = SCRIPT_START;
  #listener: MarketListener | undefined;
  #listed: readonly Instrument[] | undefined;
  #playTo: (marketTime: number) => Promise<void> = async () => {};

  constructor(readonly path: P) {}

  async advance(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      this.#played += this.path.stepMs;
      await this.#playTo(this.#played);
    }
  }

  /** Moves market time without playing it: what a venue that is down misses. */
  skip(steps: number): void {
    this.#played += steps * this.path.stepMs;
  }

  resume(saved: SavedMarketTime | undefined): MarketAnchor {
    return saved?.anchor ?? { marketTime: this.#played, wallTime: 0, speed: 60 };
  }

  setMatcher(playTo: (marketTime: number) => Promise<void>): void {
    this.#playTo = playTo;
  }

  marketTime(): number {
    return this.#played + this.offsetMs;
  }

  async instruments(): Promise<Instrument[]> {
    return [...(this.#listed ?? this.path.instruments)];
  }

  list(instruments: readonly Instrument[]): void {
    this.#listed = instruments;
    this.#listener?.onInstruments?.([...instruments]);
  }

  move(): void {
    throw new Error('these prices are written down: script them');
  }

  async history(): Promise<Candle[]> {
    return [];
  }

  latest(symbol: string): Quote {
    return this.path.quote(symbol, this.#played);
  }

  async start(listener?: MarketListener): Promise<void> {
    this.#listener = listener;
  }
  async stop(): Promise<void> {}
  async finished(): Promise<void> {}
}
