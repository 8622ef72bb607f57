import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Candle, Quote } from '../../../shared/domain/market.ts';
import type { MarketFeed, MarketListener } from '../../ports/marketFeed.ts';
import { BAR_MS, type SimMarket, SYMBOLS } from '../market.ts';

/** The simulation's market as the feed of a process. */
export class HostFeed implements MarketFeed {
  readonly name = 'Simulated';
  readonly simulated = true;
  readonly venue: string;
  readonly speed: number;
  readonly #market: SimMarket;
  #listener: MarketListener | undefined;

  constructor(market: SimMarket, venue: string, speed: number) {
    this.#market = market;
    this.venue = venue;
    this.speed = speed;
  }

  /** The step that the market has just moved to. */
  step(): void {
    const { lastClosedBar, stepTime } = this.#market;
    for (const symbol of SYMBOLS) {
      if (stepTime % BAR_MS === 0) {
        const candle = this.#market.candle(symbol, lastClosedBar);
        this.#listener?.onBar({ symbol, interval: '1m', candle, revision: 0 });
      }
      // Volumes are the market's by the bar: of the one that is open it tells none.
      this.#listener?.onQuote(this.#market.quote(symbol), null);
    }
  }

  marketTime(): number {
    return this.#market.stepTime;
  }

  async instruments(): Promise<Instrument[]> {
    return [...this.#market.instruments.values()];
  }

  async history(symbol: string, before: number, limit: number): Promise<Candle[]> {
    return this.#market.past(symbol, before, limit);
  }

  latest(symbol: string): Quote | undefined {
    return this.#market.quote(symbol);
  }

  async start(listener: MarketListener): Promise<void> {
    this.#listener = listener;
  }

  async stop(): Promise<void> {
    this.#listener = undefined;
  }
}
