import { bell, heavyBell, SmoothNoise } from './noise.ts';

/** Market milliseconds between two prices of the synthetic market. */
export const STEP_MS = 5_000;
/** Dyadic levels of the bridge: the widest interval is 2^22 steps, about 243 days. */
const LEVELS = 22;
const STEP_SECONDS = STEP_MS / 1000;
/** Standard deviation of the macro level's nodes, in units of one second's volatility: keeps prices in their range. */
const MACRO_SIGMA = 2_800;
/** Levels evaluated at every step; the wider ones are linear within blocks of half the next level's interval. */
const FINE_LEVELS = 7;
const BLOCK = 2 ** FINE_LEVELS;
/** Intervals up to this level feel the volatility regime; longer ones average it out anyway. */
const CLUSTERED_LEVELS = 10;

/** Steps of an interval, by level: looked up, for powers are dear and prices are many. */
const LENGTHS = Float64Array.from({ length: LEVELS + 1 }, (_, level) => 2 ** level);
/** Half the standard deviation of a plain random walk over an interval, by level. */
const SPREADS = LENGTHS.map((length) => Math.sqrt(length * STEP_SECONDS) / 2);

/** Amplitude relative to a plain random walk: more on 5 min to 1.5 h makes legs that a trend follower can ride. */
function persistence(level: number): number {
  return level >= 6 && level <= 10 ? 1.3 : level <= 2 ? 0.9 : 1;
}

/** How agitated the market is around a step: regimes of minutes, half hours, hours and days, multiplied. */
export class Volatility {
  readonly #octaves: { noise: SmoothNoise; weight: number }[];

  constructor(seed: number, stream: number) {
    this.#octaves = [
      { noise: new SmoothNoise(seed, stream, 80), weight: 0.4 },
      { noise: new SmoothNoise(seed, stream + 1, 430), weight: 0.4 },
      { noise: new SmoothNoise(seed, stream + 2, 2_900), weight: 0.35 },
      { noise: new SmoothNoise(seed, stream + 3, 21_000), weight: 0.2 },
    ];
  }

  /** Around 1, within [0.35, 4]. */
  at(step: number): number {
    let log = 0;
    for (const { noise, weight } of this.#octaves) log += noise.at(step) * weight;
    return Math.min(4, Math.max(0.35, Math.exp(log)));
  }
}

/**
 * A random walk that can be read anywhere: a Brownian bridge refined by halving. Its value at a step is the sum, over
 * the levels, of one tent per dyadic interval that contains the step, each with a height hashed from (seed, level,
 * interval). Floats: these are prices before they are put on the tick grid.
 */
export class DyadicBridge {
  readonly #seed: number;
  readonly #stream: number;
  readonly #volatility: Volatility;
  readonly #memoIndex = new Float64Array(LEVELS + 1).fill(-1);
  readonly #memoHeight = new Float64Array(LEVELS + 1);
  readonly #macro: SmoothNoise;
  #block = -1;
  #blockStart = 0;
  #blockSlope = 0;

  constructor(seed: number, stream: number, volatility: Volatility) {
    this.#seed = seed;
    this.#stream = stream;
    this.#volatility = volatility;

    this.#macro = new SmoothNoise(seed, stream, 2 ** LEVELS);
  }

  /** In units of one second's volatility. */
  at(step: number): number {
    // Every level above FINE_LEVELS is a straight line within a block, so neighbours share its two ends.
    const block = Math.floor(step / BLOCK);
    if (block !== this.#block) {
      this.#blockStart = this.#coarse(block * BLOCK);
      this.#blockSlope = (this.#coarse((block + 1) * BLOCK) - this.#blockStart) / BLOCK;
      this.#block = block;
    }
    let value = this.#blockStart + this.#blockSlope * (step - block * BLOCK);
    for (let level = 1; level <= FINE_LEVELS; level++) value += this.#tent(level, step);
    return value;
  }

  #coarse(step: number): number {
    let value = this.#macro.at(step) * MACRO_SIGMA;
    for (let level = FINE_LEVELS + 1; level <= LEVELS; level++) value += this.#tent(level, step);
    return value;
  }

  #tent(level: number, step: number): number {
    const length = LENGTHS[level] ?? Number.NaN;
    const index = Math.floor(step / length);
    const offset = step - index * length;
    if (offset === 0) return 0;
    const half = length / 2;
    return this.#height(level, index) * (offset <= half ? offset / half : (length - offset) / half);
  }

  #height(level: number, index: number): number {
    if (this.#memoIndex[level] === index) return this.#memoHeight[level] ?? 0;
    const length = LENGTHS[level] ?? Number.NaN;
    const random =
      level <= CLUSTERED_LEVELS
        ? heavyBell(this.#seed, this.#stream + level, index) *
          this.#volatility.at(index * length + length / 2)
        : bell(this.#seed, this.#stream + level, index);
    const height = random * persistence(level) * (SPREADS[level] ?? Number.NaN);
    this.#memoIndex[level] = index;
    this.#memoHeight[level] = height;
    return height;
  }
}
