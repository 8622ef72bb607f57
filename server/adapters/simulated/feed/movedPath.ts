import {
  add,
  type Decimal,
  dec,
  max,
  min,
  mul,
  roundToStep,
  sub,
} from '../../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../../shared/domain/instrument.ts';
import { type Candle, INTERVAL_MS, type Quote } from '../../../../shared/domain/market.ts';
import type { PricePath } from '../../../ports/tradableFeed.ts';

const MINUTE_MS = INTERVAL_MS['1m'];
const UNMOVED = dec('1');

interface Move {
  /** The first market time at which it holds. */
  from: number;
  /** Of the price there would be without any move. */
  factor: Decimal;
}

/** A price path whose prices were moved from outside, each symbol by a factor from one market time on. Earlier prices stay. */
export class MovedPath implements PricePath {
  readonly #path: PricePath;
  readonly #moves = new Map<string, Move[]>();

  constructor(path: PricePath) {
    this.#path = path;
  }

  get id(): string {
    return this.#path.id;
  }

  get stepMs(): number {
    return this.#path.stepMs;
  }

  get firstTime(): number {
    return this.#path.firstTime;
  }

  get lastTime(): number | null {
    return this.#path.lastTime;
  }

  get instruments(): readonly Instrument[] {
    return this.#path.instruments;
  }

  /** From `from` on, prices are `ratio` times what they would have been. Moves are made in the order of their times. */
  move(symbol: string, from: number, ratio: Decimal): void {
    const moves = this.#moves.get(symbol) ?? [];
    moves.push({ from, factor: mul(moves.at(-1)?.factor ?? UNMOVED, ratio) });
    this.#moves.set(symbol, moves);
  }

  quote(symbol: string, ts: number): Quote {
    const quote = this.#path.quote(symbol, ts);
    if (!this.#isMoved(symbol, ts)) return quote;
    const factor = this.#factorAt(symbol, ts);
    const moved = (price: Decimal): Decimal => this.#scaled(symbol, price, factor);
    const bid = moved(quote.bid);
    return {
      ...quote,
      bid,
      ask: max(moved(quote.ask), add(bid, this.#tickOf(symbol))),
      last: moved(quote.last),
      mark: moved(quote.mark),
      index: moved(quote.index),
    };
  }

  candle(symbol: string, openTime: number): Candle {
    const candle = this.#path.candle(symbol, openTime);
    if (!this.#isMoved(symbol, openTime + MINUTE_MS)) return candle;
    const prices: Decimal[] = [];
    for (let ts = openTime; ts <= openTime + MINUTE_MS; ts += this.stepMs)
      prices.push(this.quote(symbol, ts).last);
    const [open = candle.open] = prices;
    const close = prices.at(-1) ?? open;
    return { ...candle, open, high: prices.reduce(max), low: prices.reduce(min), close };
  }

  volumeSoFar(symbol: string, ts: number): Decimal | null {
    return this.#path.volumeSoFar(symbol, ts);
  }

  bounds(symbol: string, openTime: number): { low: Decimal; high: Decimal } {
    const bounds = this.#path.bounds(symbol, openTime);
    const ends = openTime + MINUTE_MS;
    if (!this.#isMoved(symbol, ends)) return bounds;
    const within = (this.#moves.get(symbol) ?? []).filter(({ from }) => from > openTime && from <= ends);
    const factors = [this.#factorAt(symbol, openTime), ...within.map(({ factor }) => factor)];
    const tick = this.#tickOf(symbol);
    // One tick for the rounding of what lies between.
    return {
      low: max(tick, sub(this.#scaled(symbol, bounds.low, factors.reduce(min)), tick)),
      high: add(this.#scaled(symbol, bounds.high, factors.reduce(max)), tick),
    };
  }

  depth(symbol: string, ts: number): Decimal {
    return this.#path.depth(symbol, ts);
  }

  #isMoved(symbol: string, ts: number): boolean {
    return (this.#moves.get(symbol)?.[0]?.from ?? Number.POSITIVE_INFINITY) <= ts;
  }

  #factorAt(symbol: string, ts: number): Decimal {
    return this.#moves.get(symbol)?.findLast(({ from }) => from <= ts)?.factor ?? UNMOVED;
  }

  #scaled(symbol: string, price: Decimal, factor: Decimal): Decimal {
    const tick = this.#tickOf(symbol);
    return max(tick, roundToStep(mul(price, factor), tick, 'nearest'));
  }

  #tickOf(symbol: string): Decimal {
    const known = this.#path.instruments.find((one) => one.symbol === symbol);
    if (known === undefined) throw new RangeError(`unknown symbol ${symbol}`);
    return known.tickSize;
  }
}
