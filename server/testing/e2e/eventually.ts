import { setTimeout as delay } from 'node:timers/promises';
import { PATIENCE_MS } from '../patience.ts';

const LOOK_EVERY_MS = 10;

/** Looks until the condition gives something truthy, and answers it. Throws when that never happens. */
export async function eventually<T>(
  what: string | (() => string),
  condition: () => T | Promise<T>,
  limitMs = PATIENCE_MS,
): Promise<NonNullable<Exclude<T, false>>> {
  const startedAt = performance.now();
  for (;;) {
    const found = await condition();
    if (found !== false && found !== undefined && found !== null)
      return found as NonNullable<Exclude<T, false>>;
    if (performance.now() - startedAt > limitMs)
      throw new Error(`never happened: ${typeof what === 'string' ? what : what()}`);
    await delay(LOOK_EVERY_MS);
  }
}
