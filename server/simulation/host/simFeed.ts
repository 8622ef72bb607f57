import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Candle, Quote } from '../../../shared/domain/market.ts';
import type { MarketFeed, MarketListener } from '../../ports/marketFeed.ts';
import { SYMBOLS } from '../market.ts';
import type { BarNews } from '../simProcess.ts';
import type { World } from '../world.ts';
import type { Gate } from './gate.ts';

/** How long the past takes to be read, world ms. */
const HISTORY_MS = [1, 200] as const;

/** The world's market as the feed of one process: while the feed is down it tells nothing, and has no past either. */
export class SimFeed implements MarketFeed {
  readonly name = 'Simulated';
  readonly simulated = true;
  readonly venue: string;
  readonly speed: number;
  readonly #world: World;
  readonly #gate: Gate;
  #listener: MarketListener | undefined;

  constructor(world: World, gate: Gate) {
    this.#world = world;
    this.#gate = gate;
    this.venue = world.setup.venue;
    this.speed = world.setup.speed;
  }

  marketTime(): number {
    return this.#world.market.stepTime + this.#world.marketOffsetMs;
  }

  async instruments(): Promise<Instrument[]> {
    return this.#instruments();
  }

  /** The hub asks for what was missed itself. */
  history(symbol: string, before: number, limit: number): Promise<Candle[]> {
    const world = this.#world;
    const isTooShort = world.hit('warmup_failed');
    return new Promise((resolve, reject) => {
      world.timer(world.random.between(...HISTORY_MS), () =>
        this.#gate.run(() => {
          if (world.feedIsDown) reject(new Error('the feed does not answer'));
          else resolve(isTooShort ? [] : world.market.past(symbol, before, limit));
        }),
      );
    });
  }

  latest(symbol: string): Quote | undefined {
    return this.#world.lastQuote(symbol);
  }

  async start(listener: MarketListener): Promise<void> {
    this.#listener = listener;
  }

  async stop(): Promise<void> {
    this.#listener = undefined;
  }

  onPrices(): void {
    // Volumes are the market's by the bar: of the one that is open it tells none.
    for (const symbol of SYMBOLS) this.#listener?.onQuote(this.#world.market.quote(symbol), null);
  }

  onBar(openTime: number, news: BarNews): void {
    if (news === 'missed') return;
    const revision = news === 'corrected' ? 1 : 0;
    for (const symbol of SYMBOLS) {
      const candle = this.#world.market.candle(symbol, openTime);
      this.#listener?.onBar({ symbol, interval: '1m', candle, revision });
    }
  }

  onGap(): void {
    for (const symbol of SYMBOLS) this.#listener?.onGap(symbol, 'injected: the feed is down');
  }

  onInstruments(): void {
    this.#listener?.onInstruments?.(this.#instruments());
  }

  #instruments(): Instrument[] {
    return [...this.#world.market.instruments.values()];
  }
}
