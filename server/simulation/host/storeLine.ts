import type { World } from '../world.ts';
import type { Gate } from './gate.ts';

/** Of one life of a process: what it knows of its database being out of reach. */
export interface StoreReach {
  readonly gate: Gate;
  readonly isDatabaseCut: boolean;
}

/** A message to the database or its answer got lost: what the process asked for may or may not have been done. */
export class StoreLost extends Error {
  override name = 'StoreLost';
}

/** How long a question takes to the database and back, world ms. */
const QUICK_MS = [0, 2] as const;

/** Between one process and its database. Out of reach, it says so or is silent. */
export class StoreLine {
  readonly #world: World;
  readonly #reach: StoreReach;
  /** Who waits for an answer that will not come. */
  readonly #silent = new Set<(error: Error) => void>();

  constructor(world: World, reach: StoreReach) {
    this.#world = world;
    this.#reach = reach;
  }

  /** `run` is what the database makes of it; it is done whatever becomes of the process meanwhile. */
  ask<T>(run: () => T, waitMs = 0): Promise<T> {
    const [world, reach] = [this.#world, this.#reach];
    return new Promise((resolve, reject) => {
      if (reach.gate.isDead) return;
      if (reach.isDatabaseCut) {
        this.lose(reject);
        return;
      }
      const [there, back] = [world.random.between(...QUICK_MS), world.random.between(...QUICK_MS)];
      world.timer(waitMs + there, () => {
        if (reach.isDatabaseCut) {
          this.lose(reject);
          return;
        }
        const answer = run();
        world.timer(back, () => {
          if (reach.isDatabaseCut) this.lose(reject);
          else reach.gate.run(() => resolve(answer));
        });
      });
    });
  }

  /** No answer comes: soon that is known, or only once the connection is made anew. */
  lose(reject: (error: Error) => void): void {
    const { random } = this.#world;
    const fail = (error: Error): void => this.#reach.gate.run(() => reject(error));
    if (random.chance(0.5)) this.#silent.add(fail);
    else this.#world.timer(random.between(1, 300), () => fail(new StoreLost('the database is out of reach')));
  }

  /** The connection is made anew: nobody waits any more for what was asked on the old one. */
  reset(): void {
    const waiting = [...this.#silent];
    this.#silent.clear();
    for (const fail of waiting) fail(new StoreLost('the connection was closed'));
  }
}
