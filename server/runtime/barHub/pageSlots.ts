import { HISTORY_CONCURRENCY, PAST_PAGES_AT_ONCE } from './limits.ts';

/** What a history is read for, the most urgent first: what is traded by, charts of the present, charts of the past. */
const RANKS = ['trading', 'live', 'past'] as const;
export type Rank = (typeof RANKS)[number];

/** Whoever reads a history. */
export interface HistoryReader {
  /** May rise while it reads: its next page counts. */
  readonly rank: Rank;
  /** Aborted: nobody waits for it any more. Null: it is read to its end. */
  readonly signal: AbortSignal | null;
}

interface Waiting {
  reader: HistoryReader;
  begin: (isPast: boolean) => void;
}

/**
 * The places at one feed's history, one per page: the most urgent page first, then the one that waits longest. Pages of
 * the past have but some of the places.
 */
export class PageSlots {
  readonly #waiting = new Set<Waiting>();
  #atWork = 0;
  #pastAtWork = 0;

  /** Runs `page` in a place of its own. What `reader.signal` aborts before that is not run, and rejects with its reason. */
  async run<T>(reader: HistoryReader, page: () => Promise<T>): Promise<T> {
    const isPast = await this.#place(reader);
    try {
      return await page();
    } finally {
      this.#atWork -= 1;
      if (isPast) this.#pastAtWork -= 1;
      this.#fill();
    }
  }

  /** Resolves in a place, with whether it is one of those of the past. */
  #place(reader: HistoryReader): Promise<boolean> {
    const { signal } = reader;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiting);
        reject(signal?.reason);
      };
      const begin = (isPast: boolean): void => {
        signal?.removeEventListener('abort', leave);
        resolve(isPast);
      };
      const waiting: Waiting = { reader, begin };
      this.#waiting.add(waiting);
      if (signal?.aborted === true) leave();
      else signal?.addEventListener('abort', leave);
      this.#fill();
    });
  }

  #fill(): void {
    while (this.#atWork < HISTORY_CONCURRENCY) {
      const next = this.#mostUrgent();
      if (next === undefined) return;
      const isPast = next.reader.rank === 'past';
      if (isPast && this.#pastAtWork >= PAST_PAGES_AT_ONCE) return;
      this.#waiting.delete(next);
      this.#atWork += 1;
      if (isPast) this.#pastAtWork += 1;
      next.begin(isPast);
    }
  }

  #mostUrgent(): Waiting | undefined {
    for (const rank of RANKS) {
      for (const waiting of this.#waiting) if (waiting.reader.rank === rank) return waiting;
    }
    return undefined;
  }
}
