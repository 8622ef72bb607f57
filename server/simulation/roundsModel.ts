import { needsWatching } from '../core/watch/watch.ts';
import { accountsToRead } from '../runtime/accountsToRead.ts';
import type { EngineProcess } from './engineProcess.ts';

/** What recurs in one process, as the runtime's DeskTicks and AccountComparisons. */
export class RoundsModel {
  readonly #process: EngineProcess;
  /** Comparisons of accounts with the venue so far. */
  #round = 0;

  constructor(process: EngineProcess) {
    this.#process = process;
  }

  tick(): void {
    const process = this.#process;
    for (const record of process.records()) {
      const { deskId, desk, state } = record;
      if (state === 'stuck' || (state === 'ready' && needsWatching(desk, process.context)))
        process.submit(deskId, { type: 'Tick' });
      if (record.state === 'stuck') process.submit(deskId, { type: 'StuckTick' });
    }
  }

  compare(): void {
    const { effects } = this.#process;
    const served = [...this.#process.records()].filter(({ state }) => state === 'ready' || state === 'stuck');
    const desks = served.map(({ desk }) => desk);
    for (const { deskId, state } of accountsToRead(desks, this.#round++)) {
      const { accountId, venue } = state.account;
      effects.run(deskId, { type: 'ReadAccount', accountId, venue, cursor: state.cursor });
    }
  }
}
