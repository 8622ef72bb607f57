import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { Quote } from '../../shared/domain/market.ts';
import { marketKey } from '../../shared/domain/marketKey.ts';
import type { FillwireClient } from '../../shared/sdk/client.ts';

/** Latest prices of the markets that something on the screen watches. */
export class QuoteStore {
  readonly #quotes = new SvelteMap<string, Quote>();
  readonly #watchers = new SvelteMap<string, number>();
  readonly #client: Pick<FillwireClient, 'subscribe'>;

  constructor(client: Pick<FillwireClient, 'subscribe'>) {
    this.#client = client;
  }

  of(venue: string, symbol: string): Quote | undefined {
    return this.#quotes.get(marketKey(venue, symbol));
  }

  /** Call in an effect; returns how to stop. */
  watch(venue: string, symbol: string): () => void {
    const key = marketKey(venue, symbol);
    untrack(() => this.#count(key, 1));
    const stop = this.#client.subscribe(
      `ticker:${key}`,
      (push) => {
        if (push.kind === 'ticker') this.#quotes.set(key, push.data);
      },
      { intervalMs: 250 },
    );
    return () => {
      stop();
      untrack(() => this.#count(key, -1));
    };
  }

  /** Something on the screen watches it. */
  isWatched(venue: string, symbol: string): boolean {
    return this.#watchers.has(marketKey(venue, symbol));
  }

  #count(key: string, by: 1 | -1): void {
    const count = (this.#watchers.get(key) ?? 0) + by;
    if (count > 0) this.#watchers.set(key, count);
    else this.#watchers.delete(key);
  }
}
