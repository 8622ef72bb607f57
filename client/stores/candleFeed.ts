import { marketKey } from '../../shared/domain/ids.ts';
import type { Candle, Interval } from '../../shared/domain/market.ts';
import type { FillwireClient } from '../../shared/sdk/client.ts';

export interface CandleListener {
  /** The bars known when the channel was joined, oldest first; again after every reconnect. */
  onHistory(candles: Candle[]): void;
  /** A new bar, or a newer state of the latest one. */
  onCandle(candle: Candle): void;
}

/** Bars of one market for one chart. Not reactive: a chart is drawn by its library, not by the framework. */
export class CandleFeed {
  readonly #client: Pick<FillwireClient, 'subscribe'>;

  constructor(client: Pick<FillwireClient, 'subscribe'>) {
    this.#client = client;
  }

  /** Returns how to stop. */
  watch(venue: string, symbol: string, interval: Interval, listener: CandleListener): () => void {
    return this.#client.subscribe(
      `candles:${marketKey(venue, symbol)}.${interval}`,
      (push) => {
        if (push.kind === 'candle') listener.onCandle(push.data);
        else if (push.kind === 'history' && push.ch.startsWith('candles:'))
          listener.onHistory(push.data as Candle[]);
      },
      { intervalMs: 500 },
    );
  }
}
