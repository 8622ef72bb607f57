import type { Interval, OpenCandle } from '../../shared/domain/market.ts';
import { marketKey } from '../../shared/domain/marketKey.ts';
import type { FillwireClient } from '../../shared/sdk/client.ts';
import { FillwireError } from '../../shared/sdk/fillwireError.ts';
import { BarWindow } from './barWindow.ts';

/** Older bars that were wanted: come or not asked for, waited for since the server has no room yet, or not to be had now. */
export type PastState = 'ready' | 'busy' | 'failed';

export interface CandleListener {
  /** All bars, oldest first, after more than the newest changed. `anew`: what was there before is gone. */
  onBars(bars: readonly OpenCandle[], anew: boolean): void;
  /** A new bar, or a newer state of the latest one. */
  onNewest(candle: OpenCandle): void;
  onPast(state: PastState): void;
}

export interface CandleWatch {
  /** Fetches bars of before the oldest one, unless that is under way, or there are none. */
  wantOlder(): void;
  stop(): void;
}

/** Bars asked for at once. */
const OLDER_BARS = 300;
/** The least and the usual time after which it is tried again, ms; the server may name a longer one. */
const RETRY_MIN_MS = 500;
const RETRY_MS = 3_000;

/** Bars of one market for one chart. Not reactive: a chart is drawn by its library, not by the framework. */
export class CandleFeed {
  readonly #client: Pick<FillwireClient, 'subscribe' | 'request'>;

  constructor(client: Pick<FillwireClient, 'subscribe' | 'request'>) {
    this.#client = client;
  }

  watch(venue: string, symbol: string, interval: Interval, listener: CandleListener): CandleWatch {
    const bars = new BarWindow();
    let stopped = false;
    let resting = false;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const unsubscribe = this.#client.subscribe(
      `candles:${marketKey(venue, symbol)}.${interval}`,
      (push) => {
        if (push.kind === 'history' && push.ch.startsWith('candles:')) {
          const joins = bars.open(push.data as OpenCandle[]);
          if (!joins) resting = false;
          listener.onBars(bars.bars, !joins);
        } else if (push.kind === 'candle' && bars.newest !== undefined) {
          const { closed: _, ...candle } = push.data;
          if (bars.put(candle)) listener.onNewest(candle);
          else listener.onBars(bars.bars, false);
        }
      },
      { intervalMs: 500 },
    );

    /** Rests for good where the past begins; what was refused for now is asked for again by itself. */
    const fetchOlder = async (before: number): Promise<void> => {
      resting = true;
      try {
        const args = { venue, symbol, interval, before, limit: OLDER_BARS };
        const { candles } = await this.#client.request('market.candles', args);
        if (stopped) return;
        listener.onPast('ready');
        if (bars.oldest?.openTime !== before) return;
        resting = candles.length === 0;
        if (resting) return;
        bars.prepend(candles);
        listener.onBars(bars.bars, false);
      } catch (error) {
        if (stopped) return;
        listener.onPast(isBusy(error) ? 'busy' : 'failed');
        retry = setTimeout(() => {
          resting = false;
          wantOlder();
        }, retryAfterMs(error));
      }
    };
    const wantOlder = (): void => {
      const { oldest, isFull } = bars;
      if (oldest !== undefined && !isFull && !resting) void fetchOlder(oldest.openTime);
    };
    return {
      wantOlder,
      stop() {
        stopped = true;
        clearTimeout(retry);
        unsubscribe();
      },
    };
  }
}

const isBusy = (error: unknown): boolean => error instanceof FillwireError && error.code === 'rate_limited';

function retryAfterMs(error: unknown): number {
  const told = error instanceof FillwireError ? Number(error.details.retryAfterMs) : Number.NaN;
  return Number.isFinite(told) ? Math.max(RETRY_MIN_MS, told) : RETRY_MS;
}
