import { add, type Decimal, div, gte, max, min, roundToStep } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Candle, Quote } from '../../../shared/domain/market.ts';
import { INTERVAL_MS } from '../../../shared/domain/market.ts';
import type { PricePath } from '../../ports/tradableFeed.ts';

const MINUTE_MS = INTERVAL_MS['1m'];
/** Four prices a minute: open, one extreme, the other, close. */
const STEP_MS = MINUTE_MS / 4;
const FUNDING_INTERVAL_MS = 8 * 3_600_000;
/** What longs pay shorts every 8 hours: recordings of candles do not say. */
const FUNDING_RATE = '0.0001' as Decimal;
/** Quote coin on offer at the best price of each side: neither do they say how deep the book was. */
const DEPTH_NOTIONAL = '250000' as Decimal;

/**
 * Recorded candles as prices to trade on. Within a minute the price goes from the open to the extreme against the
 * bar's direction, to the other extreme, to the close: low first when it closed at or above its open, else high first.
 * The minute ends, and its bar closes, with the next minute's open. The ask is one tick above the last price.
 */
export class ReplayPath implements PricePath {
  readonly #instrument: Instrument;
  readonly id: string;
  readonly stepMs = STEP_MS;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly instruments: readonly Instrument[];
  readonly #candles: Candle[];

  /** `candles`: one per minute without holes, at least one. */
  constructor(instrument: Instrument, candles: readonly Candle[]) {
    this.#instrument = instrument;

    const { symbol, tickSize } = instrument;
    this.instruments = [instrument];
    this.#candles = candles.map((candle) => onTicks(candle, tickSize));
    const first = this.#candles[0];
    if (first === undefined) throw new RangeError('a replay needs candles');
    this.firstTime = first.openTime;
    this.lastTime = first.openTime + this.#candles.length * MINUTE_MS;
    this.id = `replay:${symbol}:${this.firstTime}:${this.#candles.length}:${first.open}`;
  }

  quote(symbol: string, ts: number): Quote {
    const last = this.#price(symbol, ts);
    const stepTime = Math.floor(ts / STEP_MS) * STEP_MS;
    return {
      venue: this.#instrument.venue,
      symbol,
      ts: stepTime,
      last,
      bid: last,
      ask: add(last, this.#instrument.tickSize),
      mark: last,
      index: last,
      fundingRate: FUNDING_RATE,
      nextFundingTime: (Math.floor(stepTime / FUNDING_INTERVAL_MS) + 1) * FUNDING_INTERVAL_MS,
    };
  }

  candle(symbol: string, openTime: number): Candle {
    const candle = this.#candles[(openTime - this.firstTime) / MINUTE_MS];
    if (symbol !== this.#instrument.symbol || candle === undefined)
      throw new RangeError(`no bar of ${symbol} at ${openTime}`);
    return candle;
  }

  /** A recording tells what a minute traded, not when within it. */
  volumeSoFar(): null {
    return null;
  }

  bounds(symbol: string, openTime: number): { low: Decimal; high: Decimal } {
    const { low, high } = this.candle(symbol, openTime);
    const next = this.#price(symbol, openTime + MINUTE_MS);
    return { low: min(low, next), high: max(high, next) };
  }

  depth(symbol: string, ts: number): Decimal {
    const { sizeStep, minSize } = this.#instrument;
    return max(minSize, roundToStep(div(DEPTH_NOTIONAL, this.#price(symbol, ts)), sizeStep, 'down'));
  }

  #price(symbol: string, ts: number): Decimal {
    // At its very end a replay stands at its last close.
    if (ts === this.lastTime) return this.candle(symbol, this.lastTime - MINUTE_MS).close;
    const openTime = Math.floor(ts / MINUTE_MS) * MINUTE_MS;
    const { open, high, low, close } = this.candle(symbol, openTime);
    const lowFirst = gte(close, open);
    const prices = [open, lowFirst ? low : high, lowFirst ? high : low, close];
    return prices[Math.floor((ts - openTime) / STEP_MS)] ?? close;
  }
}

/** Rounding keeps order, so the extremes stay the extremes. */
function onTicks(candle: Candle, tickSize: Decimal): Candle {
  const round = (price: Decimal): Decimal => max(tickSize, roundToStep(price, tickSize, 'nearest'));
  return {
    openTime: candle.openTime,
    open: round(candle.open),
    high: round(candle.high),
    low: round(candle.low),
    close: round(candle.close),
    volume: candle.volume,
  };
}
