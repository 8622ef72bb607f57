import type { BotLogLine } from '../domain/botNote.ts';
import type { Candle } from '../domain/market.ts';
import type { Push } from '../protocol/serverMessage.ts';
import { SDK_LIMITS } from './limits.ts';

type CandlePush = Extract<Push, { kind: 'candle' }>;

/** What a channel said so far, as the fewest pushes that bring a late listener up to date. */
export class ChannelMemory {
  #kept: Push | undefined;
  /** The bar that follows the kept ones, as it was last. */
  #open: CandlePush | undefined;

  get latest(): readonly Push[] {
    return [this.#kept, this.#open].filter((push) => push !== undefined);
  }

  take(push: Push): void {
    switch (push.kind) {
      case 'candle':
        this.#takeCandle(push);
        break;
      case 'line': {
        const lines = [...this.#history<BotLogLine>(), push.data].slice(-SDK_LIMITS.keptLogLines);
        this.#kept = { ch: push.ch, kind: 'history', ts: push.ts, data: lines };
        break;
      }
      default:
        this.#kept = push;
        this.#open = undefined;
    }
  }

  #takeCandle(push: CandlePush): void {
    const { closed, ...candle } = push.data;
    const { openTime, volume } = candle;
    // Only of an open bar the volume may be unknown.
    if (!closed || volume === null) {
      if (openTime >= (this.#open?.data.openTime ?? 0)) this.#open = push;
      return;
    }
    if (openTime >= (this.#open?.data.openTime ?? openTime)) this.#open = undefined;
    const candles = withCandle(this.#history<Candle>(), { ...candle, volume });
    this.#kept = { ch: push.ch, kind: 'history', ts: push.ts, data: candles.slice(-SDK_LIMITS.keptCandles) };
  }

  /** The kept history; a channel carries one kind of item only, which its caller knows. */
  #history<T extends Candle | BotLogLine>(): T[] {
    return this.#kept?.kind === 'history' ? (this.#kept.data as T[]) : [];
  }
}

function withCandle(candles: Candle[], candle: Candle): Candle[] {
  const at = candles.findIndex((known) => known.openTime === candle.openTime);
  return at < 0 ? [...candles, candle] : candles.with(at, candle);
}
