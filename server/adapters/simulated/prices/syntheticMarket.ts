import type { Decimal } from '../../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../../shared/domain/instrument.ts';
import type { Candle, Quote } from '../../../../shared/domain/market.ts';
import { INTERVAL_MS } from '../../../../shared/domain/market.ts';
import { DyadicBridge, STEP_MS, Volatility } from './bridge.ts';
import type { Character } from './characters.ts';
import { FUNDING_INTERVAL_MS, nextFundingTime } from './funding.ts';
import { bell, hashText, uniform } from './noise.ts';
import { fromUnits, placesOf } from './ticks.ts';

const STEPS_PER_MINUTE = INTERVAL_MS['1m'] / STEP_MS;
/** Standard deviation of the index's distance from the last price, as a fraction, and the most it can be. */
const BASIS_SIGMA = 0.00004;
const MAX_BASIS = 3 * BASIS_SIGMA;
/** In each window of this many steps (4 h) there may be one gap, faded out by its end. */
const GAP_WINDOW = 2_880;
const GAP_CHANCE = 0.4;
/** In each window of this many steps (3 min) there may be one minute of heavy trading. */
const BURST_WINDOW = 36;
const BURST_STEPS = 12;
const BURST_CHANCE = 0.6;
/** Share of a symbol's movement that all symbols have in common. */
const COMMON_WEIGHT = 0.65;
const OWN_WEIGHT = Math.sqrt(1 - COMMON_WEIGHT ** 2);

const STREAM = {
  own: 0,
  volatility: 40,
  gap: 50,
  gapSize: 51,
  gapStep: 52,
  burst: 53,
  volume: 54,
  side: 55,
  basis: 56,
  funding: 57,
};

/** The volume of a minute up to a step. */
interface Tally {
  step: number;
  price: number;
  volume: number;
}

/** One symbol of the synthetic market: every figure a pure function of (seed, symbol, step). */
export class SyntheticMarket {
  readonly #character: Character;
  readonly #common: DyadicBridge;
  readonly #seed: number;
  readonly #own: DyadicBridge;
  readonly #volatility: Volatility;
  readonly #places: number;
  readonly #sizePlaces: number;
  readonly #ticksPerUnit: number;
  readonly #sigma: number;
  readonly #logBase: number;
  /** Where the last sum was left off: the next one asked for is nearly always a step further. */
  #tally: Tally | undefined;

  constructor(
    seedText: string,
    readonly instrument: Instrument,
    character: Character,
    common: DyadicBridge,
  ) {
    this.#character = character;
    this.#common = common;

    this.#seed = hashText(`${seedText}/${instrument.symbol}`);
    this.#volatility = new Volatility(this.#seed, STREAM.volatility);
    this.#own = new DyadicBridge(this.#seed, STREAM.own, this.#volatility);
    this.#places = placesOf(instrument.tickSize);
    this.#sizePlaces = placesOf(instrument.sizeStep);
    this.#ticksPerUnit = 10 ** this.#places;
    this.#sigma = character.minuteSigma / Math.sqrt(60);
    this.#logBase = Math.log(character.price);
  }

  quote(step: number): Quote {
    const price = this.#price(step);
    const last = this.#toTicks(price);
    const spread = Math.max(1, Math.round(last * this.#character.spreadRatio * this.#volatility.at(step)));
    const boughtLast = uniform(this.#seed, STREAM.side, step) < 0.5;
    const bid = Math.max(1, boughtLast ? last - spread : last);
    const ask = boughtLast ? Math.max(last, bid + 1) : last + spread;
    const index = this.#toTicks(
      price * (1 + bell(this.#seed, STREAM.basis, Math.floor(step / 6)) * BASIS_SIGMA),
    );
    const ts = step * STEP_MS;
    const mark = Math.round((last + index) / 2);
    return {
      venue: this.instrument.venue,
      symbol: this.instrument.symbol,
      ts,
      last: fromUnits(last, this.#places),
      bid: fromUnits(bid, this.#places),
      ask: fromUnits(ask, this.#places),
      mark: fromUnits(mark, this.#places),
      index: fromUnits(index, this.#places),
      fundingRate: this.#fundingRate(ts),
      nextFundingTime: nextFundingTime(ts),
    };
  }

  /** From the 13 prices of its minute, both ends included: the next bar opens where this one closed. */
  candle(openTime: number): Candle {
    const first = openTime / STEP_MS;
    let previous = this.#price(first);
    const open = this.#toTicks(previous);
    let high = open;
    let low = open;
    let close = open;
    let volume = 0;
    for (let step = first + 1; step <= first + STEPS_PER_MINUTE; step++) {
      const price = this.#price(step);
      close = this.#toTicks(price);
      if (close > high) high = close;
      if (close < low) low = close;
      volume += this.#volume(step, Math.log(price / previous));
      previous = price;
    }
    return {
      openTime,
      open: fromUnits(open, this.#places),
      high: fromUnits(high, this.#places),
      low: fromUnits(low, this.#places),
      close: fromUnits(close, this.#places),
      volume: this.#toSize(volume),
    };
  }

  /** What the bar of its minute has traded by this step: the bar's own sum, not yet at its end. */
  volumeSoFar(step: number): Decimal {
    const first = step - (step % STEPS_PER_MINUTE);
    const known = this.#tally;
    const goesOn = known !== undefined && known.step >= first && known.step <= step;
    const tally = goesOn ? known : { step: first, price: this.#price(first), volume: 0 };
    this.#tally = tally;
    while (tally.step < step) {
      tally.step += 1;
      const price = this.#price(tally.step);
      tally.volume += this.#volume(tally.step, Math.log(price / tally.price));
      tally.price = price;
    }
    return this.#toSize(tally.volume);
  }

  bounds(openTime: number): { low: Decimal; high: Decimal } {
    const first = openTime / STEP_MS;
    let low = Number.POSITIVE_INFINITY;
    let high = 0;
    for (let step = first; step <= first + STEPS_PER_MINUTE; step++) {
      const price = this.#price(step);
      if (price < low) low = price;
      if (price > high) high = price;
    }
    // The mark strays from the last price by half the basis at most; one tick for the rounding of each.
    return {
      low: fromUnits(Math.max(1, this.#toTicks(low * (1 - MAX_BASIS)) - 2), this.#places),
      high: fromUnits(this.#toTicks(high * (1 + MAX_BASIS)) + 2, this.#places),
    };
  }

  /** Base coin at the best price: thinner when the market is agitated. */
  depth(step: number): Decimal {
    const liquidity = this.#character.depthNotional * (0.6 + 0.8 * uniform(this.#seed, STREAM.volume, -step));
    const units = (liquidity / (this.#price(step) * this.#volatility.at(step))) * 10 ** this.#sizePlaces;
    return fromUnits(Math.max(1, Math.round(units)), this.#sizePlaces);
  }

  #price(step: number): number {
    const walk = this.#common.at(step) * COMMON_WEIGHT + this.#own.at(step) * OWN_WEIGHT;
    return Math.exp(this.#logBase + this.#sigma * walk + this.#gap(step));
  }

  #toSize(volume: number): Decimal {
    return fromUnits(Math.round(volume * 10 ** this.#sizePlaces), this.#sizePlaces);
  }

  #toTicks(price: number): number {
    return Math.max(2, Math.round(price * this.#ticksPerUnit));
  }

  /** A jump in one step that fades until its window ends. */
  #gap(step: number): number {
    const window = Math.floor(step / GAP_WINDOW);
    if (uniform(this.#seed, STREAM.gap, window) >= GAP_CHANCE) return 0;
    const at =
      window * GAP_WINDOW + Math.floor(uniform(this.#seed, STREAM.gapStep, window) * GAP_WINDOW * 0.6);
    if (step < at) return 0;
    const size = bell(this.#seed, STREAM.gapSize, window) * 8 * this.#character.minuteSigma;
    return size * (1 - (step - at) / ((window + 1) * GAP_WINDOW - at));
  }

  #volume(step: number, logReturn: number): number {
    const move = Math.abs(logReturn) / (this.#sigma * Math.sqrt(STEP_MS / 1000));
    const chance = 0.3 - Math.log(1 - uniform(this.#seed, STREAM.volume, step)) * 0.7;
    const perStep = this.#character.minuteVolume / STEPS_PER_MINUTE;
    return perStep * this.#volatility.at(step) * (0.3 + 0.8 * move) * chance * this.#burst(step);
  }

  #burst(step: number): number {
    const window = Math.floor(step / BURST_WINDOW);
    const chance = uniform(this.#seed, STREAM.burst, window);
    if (chance >= BURST_CHANCE) return 1;
    const shape = chance / BURST_CHANCE;
    const offset = step - window * BURST_WINDOW;
    const start = Math.floor(shape * 97) % (BURST_WINDOW - BURST_STEPS);
    return offset >= start && offset < start + BURST_STEPS ? 2.5 + 5 * shape : 1;
  }

  #fundingRate(ts: number): Decimal {
    const interval = Math.floor(ts / FUNDING_INTERVAL_MS);
    const rate = Math.round(100 + bell(this.#seed, STREAM.funding, interval) * 120);
    const bounded = Math.min(600, Math.max(-400, rate));
    const magnitude = fromUnits(Math.abs(bounded), 6);
    return (bounded < 0 ? `-${magnitude}` : magnitude) as Decimal;
  }
}
