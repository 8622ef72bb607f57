import type { EffectRunner } from './effectRunner.ts';
import type { Engine } from './engine.ts';

/** Resolves when nothing waits to be decided, committed or answered: market time of a lock-step run may go on. */
export async function settled(engine: Engine, effects: EffectRunner): Promise<void> {
  do {
    await engine.settled();
    await effects.settled();
  } while (!engine.isIdle());
}
