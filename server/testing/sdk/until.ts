/** Far longer than anything on loopback takes: reached only by what never happens. */
const GIVE_UP_AFTER_MS = 20_000;

/** Waits for a condition, looking again each turn of the event loop. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const startedAt = performance.now();
  while (!condition()) {
    if (performance.now() - startedAt > GIVE_UP_AFTER_MS) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
