import { add, type Decimal, dec, max, min, sub } from '../../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../../shared/domain/instrument.ts';
import { type Candle, INTERVAL_MS, type Quote } from '../../../../shared/domain/market.ts';
import type { MarketNow } from '../../../adapters/simulated/account/state.ts';
import type { PricePath } from '../../../ports/tradableFeed.ts';
import { symbolOf } from './legs.ts';

const MINUTE_MS = INTERVAL_MS['1m'];

/** What a hand sets of a symbol's market; what it leaves out follows the last price. */
export interface HandPrice {
  last: string;
  mark?: string;
  /** Distance of bid and ask from the last price. */
  halfSpread?: string;
  /** Base coin on offer at each price; the path's unless given. */
  depth?: string;
}

interface SetPrice {
  from: number;
  price: HandPrice | null;
}

/**
 * Prices of the stand-in: the made-up market's, until a hand sets them. Positions of the exchange ask under names of their
 * own (`keyOf`), all at the same prices.
 */
export class Prices implements MarketNow {
  /** Grows with each look at the market, so that what a step offers is there once. */
  stepTime = 0;
  readonly #path: PricePath;
  readonly #set = new Map<string, SetPrice[]>();
  readonly #listed: Map<string, Instrument>;
  /** The last quote of each symbol on the made-up market: asked for again and again until the next step. */
  readonly #quoted = new Map<string, { step: number; quote: Quote }>();
  #now = 0;

  constructor(path: PricePath) {
    this.#path = path;
    this.#listed = new Map(path.instruments.map((instrument) => [instrument.symbol, instrument]));
  }

  get symbols(): string[] {
    return [...this.#listed.keys()];
  }

  /** Other facts of a symbol are in force. */
  list(symbol: string, change: Partial<Instrument>): void {
    const known = this.#listed.get(symbol);
    if (known === undefined) throw new RangeError(`unknown symbol ${symbol}`);
    this.#listed.set(symbol, { ...known, ...change });
  }

  /** Prices of `now` are in force, and what was taken of them is back. */
  moveTo(now: number): void {
    this.#now = now;
    this.stepTime += 1;
  }

  /** From `from` on these prices; null: the made-up market's again. */
  set(symbol: string, from: number, price: HandPrice | null): void {
    if (!this.#listed.has(symbol)) throw new RangeError(`unknown symbol ${symbol}`);
    this.#set.set(symbol, [...(this.#set.get(symbol) ?? []), { from, price }]);
  }

  /** Under the name that was asked for: the simulated account knows no other. */
  instrument(key: string): Instrument | undefined {
    const known = this.#listed.get(symbolOf(key));
    return known === undefined ? undefined : { ...known, symbol: key };
  }

  quote(key: string): Quote {
    return this.quoteAt(symbolOf(key), this.#now);
  }

  quoteAt(symbol: string, ts: number): Quote {
    const quote = { ...this.#madeUp(symbol, ts), ts };
    const hand = this.#handAt(symbol, ts);
    if (hand === undefined) return quote;
    const last = dec(hand.last);
    const half = dec(hand.halfSpread ?? '0');
    const mark = dec(hand.mark ?? hand.last);
    return { ...quote, last, mark, index: mark, bid: sub(last, half), ask: add(last, half) };
  }

  depth(key: string): Decimal {
    const symbol = symbolOf(key);
    const hand = this.#handAt(symbol, this.#now);
    return hand?.depth === undefined ? this.#path.depth(symbol, this.#now) : dec(hand.depth);
  }

  /** The minute that starts at `openTime`, as far as it is known at `until`. */
  minute(symbol: string, openTime: number, until: number): Candle {
    const candle = this.#path.candle(symbol, openTime);
    const end = Math.min(openTime + MINUTE_MS, until);
    const set = (this.#set.get(symbol) ?? []).filter(({ from }) => from <= end);
    if (set.length === 0 && end === openTime + MINUTE_MS) return candle;
    const times = new Set([openTime, end, ...set.map(({ from }) => from).filter((from) => from > openTime)]);
    for (let ts = openTime; ts < end; ts += this.#path.stepMs) times.add(ts);
    const prices = [...times].sort((a, b) => a - b).map((ts) => this.quoteAt(symbol, ts).last);
    const [open = candle.open] = prices;
    const close = prices.at(-1) ?? open;
    return { ...candle, open, high: prices.reduce(max), low: prices.reduce(min), close };
  }

  #madeUp(symbol: string, ts: number): Quote {
    const step = Math.floor(ts / this.#path.stepMs);
    const known = this.#quoted.get(symbol);
    if (known?.step === step) return known.quote;
    const quote = this.#path.quote(symbol, ts);
    this.#quoted.set(symbol, { step, quote });
    return quote;
  }

  #handAt(symbol: string, ts: number): HandPrice | undefined {
    return this.#set.get(symbol)?.findLast(({ from }) => from <= ts)?.price ?? undefined;
  }
}
