import { isAtRest } from '../core/watch/atRest.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeskRecord } from './deskRecord.ts';
import type { DeskWaker } from './deskWaker.ts';
import type { EffectSink } from './effectSink.ts';
import type { Engine } from './engine.ts';

/**
 * How long a desk at rest stays in memory after it was used last, ms of elapsed time: longer than devices take to say again
 * that they are there, and than a gateway keeps what it shows of it.
 */
export const DESK_IDLE_MS = 300_000;

/** Lets desks go that have nothing to look after and that nobody has used for a while. */
export class IdleDesks {
  readonly #engine: Engine;
  readonly #waker: DeskWaker;
  readonly #effects: EffectSink;
  readonly #clock: Clock;
  readonly #idleMs: number;

  constructor(options: {
    engine: Engine;
    waker: DeskWaker;
    effects: EffectSink;
    clock: Clock;
    idleMs: number;
  }) {
    this.#engine = options.engine;
    this.#waker = options.waker;
    this.#effects = options.effects;
    this.#clock = options.clock;
    this.#idleMs = options.idleMs;
  }

  run(records: Iterable<DeskRecord>): void {
    const now = this.#clock.elapsed();
    const idle = [...records].filter(
      (record) => now - record.usedAt >= this.#idleMs && this.#mayLeave(record),
    );
    this.#engine.unload(idle);
  }

  /** What it asked its venues or its bars for would be answered to nobody. */
  #mayLeave({ deskId, desk }: DeskRecord): boolean {
    return isAtRest(desk) && !this.#waker.isWaking(deskId) && !this.#effects.isBusy(deskId);
  }
}
