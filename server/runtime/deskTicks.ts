import type { Context } from '../core/context.ts';
import { needsWatching } from '../core/watch/watch.ts';
import type { BotBars } from './botBars.ts';
import type { DeskRecord } from './deskRecord.ts';
import type { Engine } from './engine.ts';

/** Looks at what time alone brings on, at every desk that has something to look after. */
export class DeskTicks {
  readonly #engine: Engine;
  readonly #context: Context;
  readonly #bars: BotBars;

  constructor(options: { engine: Engine; context: Context; bars: BotBars }) {
    this.#engine = options.engine;
    this.#context = options.context;
    this.#bars = options.bars;
  }

  run(records: Iterable<DeskRecord>): void {
    for (const record of records) {
      const { deskId, state, desk } = record;
      if (state === 'ready') this.#bars.release(deskId, desk);
      if (this.#needsTick(record)) this.#engine.submit(deskId, { type: 'Tick' });
      if (state === 'stuck') this.#engine.submit(deskId, { type: 'StuckTick' });
    }
  }

  #needsTick({ state, desk }: DeskRecord): boolean {
    try {
      // What protects and reduces goes on while it waits for its recovery.
      return state === 'stuck' || (state === 'ready' && needsWatching(desk, this.#context));
    } catch {
      // What is wrong with this one shows when it decides, and holds up no other.
      return true;
    }
  }
}
