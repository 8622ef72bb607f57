import type { Decimal } from '../../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../../shared/domain/instrument.ts';
import type { Candle, Quote } from '../../../../shared/domain/market.ts';
import { INTERVAL_MS } from '../../../../shared/domain/market.ts';
import type { PricePath } from '../../../ports/tradableFeed.ts';
import { DyadicBridge, STEP_MS, Volatility } from './bridge.ts';
import { CHARACTERS } from './characters.ts';
import { SIMULATED_INSTRUMENTS } from './instruments.ts';
import { hashText } from './noise.ts';
import { SyntheticMarket } from './syntheticMarket.ts';

/** Prices exist from here on, so that every market has years of history. */
const FIRST_TIME = Date.UTC(2020, 0, 1);

/**
 * A made-up market in which every price is a pure function of (seed, symbol, market time): equal in every process and
 * readable anywhere without stepping. Inside, prices are floats; what comes out is on the tick grid.
 */
export class SyntheticPath implements PricePath {
  readonly id: string;
  readonly stepMs = STEP_MS;
  readonly firstTime = FIRST_TIME;
  readonly lastTime = null;
  readonly instruments: readonly Instrument[] = SIMULATED_INSTRUMENTS;
  readonly #markets = new Map<string, SyntheticMarket>();

  constructor(seed: string) {
    this.id = `synthetic:${seed}`;
    const commonSeed = hashText(`${seed}/common`);
    const common = new DyadicBridge(commonSeed, 0, new Volatility(commonSeed, 40));
    for (const instrument of this.instruments) {
      const character = CHARACTERS[instrument.symbol];
      if (character === undefined) throw new TypeError(`no market character for ${instrument.symbol}`);
      this.#markets.set(instrument.symbol, new SyntheticMarket(seed, instrument, character, common));
    }
  }

  quote(symbol: string, ts: number): Quote {
    return this.#market(symbol).quote(this.#step(ts));
  }

  candle(symbol: string, openTime: number): Candle {
    if (openTime % INTERVAL_MS['1m'] !== 0) throw new RangeError(`no minute starts at ${openTime}`);
    this.#step(openTime);
    return this.#market(symbol).candle(openTime);
  }

  volumeSoFar(symbol: string, ts: number): Decimal {
    return this.#market(symbol).volumeSoFar(this.#step(ts));
  }

  bounds(symbol: string, openTime: number): { low: Decimal; high: Decimal } {
    this.#step(openTime);
    return this.#market(symbol).bounds(openTime);
  }

  depth(symbol: string, ts: number): Decimal {
    return this.#market(symbol).depth(this.#step(ts));
  }

  #market(symbol: string): SyntheticMarket {
    const market = this.#markets.get(symbol);
    if (market === undefined) throw new RangeError(`unknown symbol ${symbol}`);
    return market;
  }

  #step(ts: number): number {
    if (!(ts >= FIRST_TIME)) throw new RangeError(`no prices at ${ts}`);
    return Math.floor(ts / STEP_MS);
  }
}
