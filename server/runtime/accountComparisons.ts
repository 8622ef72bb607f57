import { accountsToRead } from './accountsToRead.ts';
import type { EffectSink } from './effectSink.ts';
import type { Engine } from './engine.ts';

/** A push may be lost without a word: what is active is compared with its venue from time to time. */
export class AccountComparisons {
  readonly #engine: Engine;
  readonly #effects: EffectSink;
  /** So far. */
  #rounds = 0;

  constructor(options: { engine: Engine; effects: EffectSink }) {
    this.#engine = options.engine;
    this.#effects = options.effects;
  }

  run(): void {
    // One that waits for its recovery too: it may be long.
    const served = [...this.#engine.records()].filter(({ state }) => state === 'ready' || state === 'stuck');
    const desks = served.map(({ desk }) => desk);
    for (const { deskId, state } of accountsToRead(desks, this.#rounds++)) {
      const { accountId, venue } = state.account;
      this.#effects.run(deskId, { type: 'ReadAccount', accountId, venue, cursors: state.cursors });
    }
  }
}
