import type { Candle } from '../../../shared/domain/market.ts';
import { FakeMarketFeed } from './fakeMarketFeed.ts';

/** A market whose history answers when a test lets it; what was asked of it is kept, in order. */
export class SteppedFeed extends FakeMarketFeed {
  /** Symbols of the pages asked for. */
  readonly asked: string[] = [];
  #isOpen = false;
  #waiting: (() => void)[] = [];

  override async history(symbol: string, before: number, limit: number): Promise<Candle[]> {
    this.asked.push(symbol);
    if (!this.#isOpen) await new Promise<void>((resume) => this.#waiting.push(resume));
    return super.history(symbol, before, limit);
  }

  /** Answers what was asked so far. */
  answer(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }

  /** Answers whatever is asked from now on, too. */
  open(): void {
    this.#isOpen = true;
    this.answer();
  }
}
