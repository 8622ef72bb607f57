import { SvelteMap } from 'svelte/reactivity';
import type { BotLogLine } from '../../shared/domain/botNote.ts';
import type { FillwireClient } from '../../shared/sdk/client.ts';

/** The newest line of the log of each bot on the screen. */
export class BotLines {
  readonly #newest = new SvelteMap<string, BotLogLine>();
  readonly #client: Pick<FillwireClient, 'subscribe'>;

  constructor(client: Pick<FillwireClient, 'subscribe'>) {
    this.#client = client;
  }

  /** Undefined until it said something that the server remembers. */
  of(botId: string): BotLogLine | undefined {
    return this.#newest.get(botId);
  }

  /** Call in an effect; returns how to stop. */
  watch(botId: string): () => void {
    return this.#client.subscribe(`log:${botId}`, (push) => {
      if (push.kind === 'line') this.#newest.set(botId, push.data);
      else if (push.kind === 'history' && push.ch.startsWith('log:')) {
        const newest = (push.data as BotLogLine[]).at(-1);
        if (newest !== undefined) this.#newest.set(botId, newest);
      }
    });
  }
}
