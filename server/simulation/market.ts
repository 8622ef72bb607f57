import { add, type Decimal, decFromFloat, max, roundToStep, sub, ZERO } from '../../shared/domain/decimal.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import type { Candle, Quote } from '../../shared/domain/market.ts';
import type { MarketNow } from '../adapters/simulated/account/state.ts';
import { SIMULATED_INSTRUMENTS } from '../adapters/simulated/prices/instruments.ts';
import { Random } from './random.ts';

/** Market milliseconds between two prices. */
export const STEP_MS = 5_000;
export const BAR_MS = 60_000;
const STEPS_PER_BAR = BAR_MS / STEP_MS;
/** Bars before the start, for strategies to warm up on. */
const HISTORY_BARS = 260;
/** Market time of the first price: a funding time. */
export const MARKET_EPOCH_MS = 1_700_006_400_000;
export const MARKET_START_MS = MARKET_EPOCH_MS + HISTORY_BARS * BAR_MS;
/** Funding is paid at multiples of this: far more often than at a real venue, to be met often. */
export const FUNDING_EVERY_MS = 30 * BAR_MS;

const FIRST_PRICES: Record<string, number> = { BTCUSDT: 24_000, ETHUSDT: 1_600, DOGEUSDT: 0.08 };
export const SYMBOLS: readonly string[] = Object.keys(FIRST_PRICES);

interface Point {
  price: number;
  volume: number;
  depth: number;
  quiet: boolean;
}

/** Prices of one symbol, drawn once per step in order; the same seed gives the same ones. */
class Path {
  readonly points: Point[] = [];
  readonly #random: Random;
  #price: number;
  #volatility = 0.0004;

  constructor(
    readonly instrument: Instrument,
    seed: number,
    index: number,
  ) {
    this.#random = new Random(seed, 7_000_000 + index);
    this.#price = FIRST_PRICES[instrument.symbol] ?? 100;
  }

  /** The next price drawn is around this one: the market jumps. */
  jumpTo(price: number): void {
    this.#price = price;
  }

  at(step: number): Point {
    while (this.points.length <= step) this.#draw();
    const point = this.points[step];
    if (point === undefined) throw new RangeError(`no price at step ${step}`);
    return point;
  }

  #draw(): void {
    const random = this.#random;
    if (random.chance(0.02)) this.#volatility = random.pick([0.0002, 0.0004, 0.0008, 0.0015]);
    const jump = random.chance(0.001) ? random.normal() * 0.02 : 0;
    const first = FIRST_PRICES[this.instrument.symbol] ?? 100;
    const pull = Math.log(first / this.#price) * 0.0005;
    this.#price *= Math.exp(random.normal() * this.#volatility + jump + pull);
    const notional = random.weighted([
      [400, 1],
      [4_000, 3],
      [40_000, 6],
    ]);
    this.points.push({
      price: this.#price,
      volume: (notional / this.#price) * random.next(),
      depth: (notional * (0.5 + random.next())) / this.#price,
      quiet: random.chance(0.9),
    });
  }
}

/** A small market of a few symbols: a pure function of (seed, symbol, market time). */
export class SimMarket implements MarketNow {
  stepTime = MARKET_START_MS;
  /** Told when facts of an instrument have changed. */
  onChange: () => void = () => {};
  #isEmpty = false;
  readonly instruments = new Map<string, Instrument>();
  readonly #paths = new Map<string, Path>();
  readonly #quotes = new Map<string, Quote>();
  readonly #bars = new Map<string, Candle[]>();

  constructor(seed: number) {
    SYMBOLS.forEach((symbol, index) => {
      const instrument = SIMULATED_INSTRUMENTS.find((known) => known.symbol === symbol);
      if (instrument === undefined) throw new Error(`no instrument ${symbol}`);
      this.instruments.set(symbol, instrument);
      this.#paths.set(symbol, new Path(instrument, seed, index));
      this.#bars.set(symbol, []);
    });
  }

  moveTo(stepTime: number): void {
    this.stepTime = stepTime;
    this.#quotes.clear();
  }

  instrument(symbol: string): Instrument | undefined {
    return this.instruments.get(symbol);
  }

  /** The venue changes its rules for a symbol; without a change, back to what they were. */
  change(symbol: string, change: Partial<Instrument>): void {
    this.instruments.set(symbol, { ...this.#path(symbol).instrument, ...change });
    this.#quotes.clear();
    this.onChange();
  }

  /** From the next step on the price is around this one; not too far from the first, so that sizes stay possible. */
  jump(symbol: string, price: number): boolean {
    const first = FIRST_PRICES[symbol] ?? price;
    if (price < first / 2 || price > first * 2) return false;
    this.#path(symbol).jumpTo(price);
    return true;
  }

  quote(symbol: string): Quote {
    const known = this.#quotes.get(symbol);
    if (known !== undefined) return known;
    const path = this.#path(symbol);
    const step = stepOf(this.stepTime);
    const { tickSize, venue } = this.instruments.get(symbol) ?? path.instrument;
    const last = onTick(path.at(step).price, tickSize);
    const before = onTick(path.at(step - 1).price, tickSize);
    // The mark is the index: usually the last price, sometimes a step behind.
    const mark = path.at(step).quiet ? last : before;
    const quote: Quote = {
      venue,
      symbol,
      ts: this.stepTime,
      last,
      bid: max(sub(last, tickSize), tickSize),
      ask: add(last, tickSize),
      mark,
      index: mark,
      fundingRate: decFromFloat((path.at(step).price > path.at(step - 1).price ? 1 : -1) * 0.0001, 6),
      nextFundingTime: (Math.floor(this.stepTime / FUNDING_EVERY_MS) + 1) * FUNDING_EVERY_MS,
    };
    this.#quotes.set(symbol, quote);
    return quote;
  }

  /** Runs something while nobody offers anything. */
  withEmptyBook<T>(run: () => T): T {
    this.#isEmpty = true;
    try {
      return run();
    } finally {
      this.#isEmpty = false;
    }
  }

  depth(symbol: string): Decimal {
    if (this.#isEmpty) return ZERO;
    const path = this.#path(symbol);
    const { sizeStep } = this.instruments.get(symbol) ?? path.instrument;
    const depth = roundToStep(decFromFloat(path.at(stepOf(this.stepTime)).depth, 6), sizeStep, 'down');
    return max(depth, sizeStep);
  }

  /** The 1m bar that opened at `openTime`; it must have closed. */
  candle(symbol: string, openTime: number): Candle {
    const bars = this.#bars.get(symbol) ?? [];
    const index = (openTime - MARKET_EPOCH_MS) / BAR_MS;
    while (bars.length <= index) bars.push(this.#build(symbol, bars.length));
    const bar = bars[index];
    if (bar === undefined) throw new RangeError(`no bar at ${openTime}`);
    return bar;
  }

  /** At most `limit` closed bars that opened before `before`, oldest first; from the history's beginning at most. */
  past(symbol: string, before: number, limit: number): Candle[] {
    const end = Math.min(before, this.lastClosedBar + BAR_MS);
    const first = Math.max(MARKET_EPOCH_MS, end - limit * BAR_MS);
    const bars = Math.max(0, Math.ceil((end - first) / BAR_MS));
    return Array.from({ length: bars }, (_, index) => this.candle(symbol, first + index * BAR_MS));
  }

  /** Open time of the newest closed bar. */
  get lastClosedBar(): number {
    return Math.floor(this.stepTime / BAR_MS) * BAR_MS - BAR_MS;
  }

  #build(symbol: string, index: number): Candle {
    const path = this.#path(symbol);
    const { tickSize } = this.instruments.get(symbol) ?? path.instrument;
    const points = Array.from({ length: STEPS_PER_BAR }, (_, offset) =>
      path.at(index * STEPS_PER_BAR + offset),
    );
    const prices = points.map((point) => point.price);
    return {
      openTime: MARKET_EPOCH_MS + index * BAR_MS,
      open: onTick(prices[0] ?? 0, tickSize),
      high: onTick(Math.max(...prices), tickSize),
      low: onTick(Math.min(...prices), tickSize),
      close: onTick(prices[prices.length - 1] ?? 0, tickSize),
      volume: decFromFloat(
        points.reduce((total, point) => total + point.volume, 0),
        4,
      ),
    };
  }

  #path(symbol: string): Path {
    const path = this.#paths.get(symbol);
    if (path === undefined) throw new RangeError(`unknown symbol ${symbol}`);
    return path;
  }
}

function stepOf(time: number): number {
  return (time - MARKET_EPOCH_MS) / STEP_MS;
}

function onTick(price: number, tick: Decimal): Decimal {
  return max(roundToStep(decFromFloat(price, 8), tick, 'nearest'), tick);
}
