import type { Candle } from '../domain/market.ts';
import type { BotLogLine, Push } from '../protocol/serverMessage.ts';
import { SDK_LIMITS } from './limits.ts';

/** What a channel said so far, as the one push that brings a late listener up to date. */
export class ChannelMemory {
  private kept: Push | undefined;

  get latest(): Push | undefined {
    return this.kept;
  }

  take(push: Push): void {
    switch (push.kind) {
      case 'candle': {
        const { closed: _closed, ...candle } = push.data;
        const candles = withCandle(this.history<Candle>(), candle).slice(-SDK_LIMITS.keptCandles);
        this.kept = { ch: push.ch, kind: 'history', ts: push.ts, data: candles };
        break;
      }
      case 'line': {
        const lines = [...this.history<BotLogLine>(), push.data].slice(-SDK_LIMITS.keptLogLines);
        this.kept = { ch: push.ch, kind: 'history', ts: push.ts, data: lines };
        break;
      }
      default:
        this.kept = push;
    }
  }

  /** The kept history; a channel carries one kind of item only, which its caller knows. */
  private history<T extends Candle | BotLogLine>(): T[] {
    return this.kept?.kind === 'history' ? (this.kept.data as T[]) : [];
  }
}

function withCandle(candles: Candle[], candle: Candle): Candle[] {
  const at = candles.findIndex((known) => known.openTime === candle.openTime);
  return at < 0 ? [...candles, candle] : candles.with(at, candle);
}
