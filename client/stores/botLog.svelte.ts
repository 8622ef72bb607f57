import type { BotLogLine } from '../../shared/domain/botNote.ts';
import type { FillwireClient } from '../../shared/sdk/client.ts';
import { frameBatch } from './frameBatch.ts';

/** Lines kept on the screen; older ones leave. */
export const LOG_LINES = 200;

/** The log of one bot while its page is open. */
export class BotLog {
  /** Newest first; undefined until the history came. */
  lines = $state.raw<BotLogLine[] | undefined>(undefined);
  #latest: BotLogLine[] = [];
  readonly #client: Pick<FillwireClient, 'subscribe'>;

  constructor(client: Pick<FillwireClient, 'subscribe'>) {
    this.#client = client;
  }

  /** Call in an effect; returns how to stop. */
  watch(botId: string): () => void {
    this.#latest = [];
    this.lines = undefined;
    const renew = frameBatch(() => {
      this.lines = this.#latest;
    });
    return this.#client.subscribe(`log:${botId}`, (push) => {
      if (push.kind === 'history' && push.ch.startsWith('log:')) {
        this.#latest = (push.data as BotLogLine[]).slice(-LOG_LINES).reverse();
      } else if (push.kind === 'line') {
        this.#latest = [push.data, ...this.#latest].slice(0, LOG_LINES);
      } else return;
      renew();
    });
  }
}
