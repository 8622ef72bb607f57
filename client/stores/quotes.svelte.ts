import { SvelteMap } from 'svelte/reactivity';
import { marketKey } from '../../shared/domain/ids.ts';
import type { Quote } from '../../shared/domain/market.ts';
import type { FillwireClient } from '../../shared/sdk/client.ts';

/** Latest prices of the markets that something on the screen watches. */
export class QuoteStore {
  readonly #quotes = new SvelteMap<string, Quote>();
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
    return this.#client.subscribe(
      `ticker:${key}`,
      (push) => {
        if (push.kind === 'ticker') this.#quotes.set(key, push.data);
      },
      { intervalMs: 250 },
    );
  }
}
