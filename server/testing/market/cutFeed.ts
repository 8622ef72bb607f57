import type { Candle, Quote } from '../../../shared/domain/market.ts';
import type { ClosedBar, MarketFeed, MarketListener } from '../../ports/marketFeed.ts';

/** A feed behind a line that can be cut: the market goes on, and its history tells afterwards what was missed. */
export class CutFeed implements MarketFeed {
  readonly #market: MarketFeed;
  readonly #line: { listener: MarketListener | undefined };
  #isCut = false;
  /** The venue streams, and tells nothing of the past. */
  isForgetful = false;
  readonly #isStarted: boolean;

  /** `former`: the line of a former process to a market that runs on. */
  constructor(market: MarketFeed, former?: CutFeed) {
    this.#market = market;
    this.#line = former === undefined ? { listener: undefined } : former.#line;
    this.#isStarted = former !== undefined;
  }

  get venue(): string {
    return this.#market.venue;
  }
  get name(): string {
    return this.#market.name;
  }
  get simulated(): boolean {
    return this.#market.simulated;
  }
  get speed(): number {
    return this.#market.speed;
  }

  cut(): void {
    this.#isCut = true;
    for (const symbol of ['BTCUSDT']) this.#line.listener?.onGap(symbol, 'the line is cut');
  }

  mend(): void {
    this.#isCut = false;
  }

  /** A bar as the venue tells it again. */
  tell(bar: ClosedBar): void {
    this.#line.listener?.onBar(bar);
  }

  unplug(): void {
    this.#line.listener = undefined;
  }

  marketTime(): number {
    return this.#market.marketTime();
  }

  instruments() {
    return this.#market.instruments();
  }

  history(symbol: string, before: number, limit: number): Promise<Candle[]> {
    if (this.#isCut || this.isForgetful) return Promise.reject(new Error('no history'));
    return this.#market.history(symbol, before, limit);
  }

  latest(symbol: string): Quote | undefined {
    return this.#isCut ? undefined : this.#market.latest(symbol);
  }

  async start(listener: MarketListener): Promise<void> {
    this.#line.listener = listener;
    if (this.#isStarted) return;
    const line = this.#line;
    const isCut = (): boolean => this.#isCut;
    await this.#market.start({
      onQuote: (quote, minuteVolume) => void (isCut() || line.listener?.onQuote(quote, minuteVolume)),
      onBar: (bar) => void (isCut() || line.listener?.onBar(bar)),
      onGap: (symbol, reason) => line.listener?.onGap(symbol, reason),
      onInstruments: (instruments) => line.listener?.onInstruments?.(instruments),
    });
  }

  async stop(): Promise<void> {}
}
