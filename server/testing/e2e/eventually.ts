import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 10;
/** Far longer than anything here takes on a busy machine: reached only by what never happens. */
const GIVE_UP_AFTER_MS = 45_000;

/** Looks until the condition gives something truthy, and answers it. Throws when that never happens. */
export async function eventually<T>(
  what: string | (() => string),
  condition: () => T | Promise<T>,
  limitMs = GIVE_UP_AFTER_MS,
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
