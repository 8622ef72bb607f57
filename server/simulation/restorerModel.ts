import { DeskFailures } from '../runtime/deskFailures.ts';
import type { DeskRecord, PendingCommand } from '../runtime/deskRecord.ts';
import { needsNoRecovery } from '../runtime/needsNoRecovery.ts';
import { refusal } from './commandsModel.ts';
import type { EngineProcess } from './engineProcess.ts';
import { noteRecovery } from './history.ts';
import { checkRecoveries } from './invariants/pace.ts';
import type { World } from './world.ts';

/** Between looks whether the batch of a desk that is being committed has come to its end, world ms. */
const RELEASE_EVERY_MS = 2;

/** Brings desks of one process back to what is durable, as the runtime's DeskRestorer: after a pause in which they are stuck. */
export class RestorerModel {
  readonly #world: World;
  readonly #process: EngineProcess;
  readonly #isCommitting: (deskId: string) => boolean;
  readonly #failures: DeskFailures;
  /** Pauses before the recoveries that were asked for, ms. */
  readonly #pauses = new Map<string, number>();
  readonly #reloading = new Set<string>();
  /** How often a desk was read back: who waits for an earlier recovery waits for none. */
  readonly #times = new Map<string, number>();
  /** World times of recoveries that failed. */
  readonly #failed = new Map<string, number[]>();

  constructor(world: World, process: EngineProcess, isCommitting: (deskId: string) => boolean) {
    this.#isCommitting = isCommitting;
    this.#world = world;
    this.#process = process;
    this.#failures = new DeskFailures(process.clock);
  }

  takes({ deskId, state }: DeskRecord, input: { type: string }, command: PendingCommand | null): boolean {
    if (state !== 'stuck') return state === 'ready';
    if (this.#world.sabotage.stuckTakesNothing === true) return false;
    return command?.isExit === true || (needsNoRecovery(input) && !this.#failures.hasFailed(deskId, input));
  }

  /** A decision threw: its desk goes back to what is durable, the input is given up, and who waits is told. */
  failed(
    record: DeskRecord,
    input: { type: string },
    waiting: readonly (Pick<PendingCommand, 'answer'> | null)[],
  ): void {
    const { deskId } = record;
    for (const one of waiting) one?.answer(refusal('unavailable'));
    noteRecovery(this.#world, record.desk);
    const { recoveryPauseMs = (real: number) => real } = this.#world.sabotage;
    if (input.type === 'Recovered') {
      this.#world.coverage.count('met:recovery failed');
      const times = [...(this.#failed.get(deskId) ?? []), this.#world.now];
      this.#failed.set(deskId, times);
      checkRecoveries(deskId, times);
    }
    const isStuck = record.state === 'stuck';
    const pauseMs = isStuck ? this.#failures.noteStuck(deskId, input) : this.#failures.note(deskId);
    this.reload(record, recoveryPauseMs(pauseMs));
  }

  /** `pauseMs`: it is durable at once, and recovers only after this; until then it is stuck. */
  reload(record: DeskRecord, pauseMs = 0): void {
    record.state = 'reloading';
    this.#pauses.set(record.deskId, pauseMs);
    if (this.#reloading.has(record.deskId)) return;
    this.#reloading.add(record.deskId);
    const { random } = this.#world;
    // Bars may close meanwhile.
    this.#attempt(record, random.chance(0.2) ? random.between(20, 5_000) : random.between(0, 20));
  }

  #attempt(record: DeskRecord, delayMs: number): void {
    const { deskId } = record;
    this.#process.later(delayMs, () => {
      if (this.#isCommitting(deskId)) {
        this.#attempt(record, RELEASE_EVERY_MS);
        return;
      }
      this.#reloading.delete(deskId);
      this.#process.load(deskId);
      const pauseMs = this.#pauses.get(deskId) ?? 0;
      const time = (this.#times.get(deskId) ?? 0) + 1;
      this.#times.set(deskId, time);
      if (pauseMs === 0) {
        this.#recover(deskId);
        return;
      }
      this.#world.coverage.count('met:stuck desk');
      record.state = 'stuck';
      this.#process.later(pauseMs, () => {
        if (record.state !== 'stuck' || this.#times.get(deskId) !== time) return;
        record.state = 'ready';
        this.#recover(deskId);
      });
    });
  }

  #recover(deskId: string): void {
    this.#process.submit(deskId, { type: 'Recovered', downMs: 0, latch: null });
  }
}
