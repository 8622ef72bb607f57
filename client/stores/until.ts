/** How often the condition is looked at, ms. */
const LOOK_EVERY_MS = 50;

/** Resolves as soon as `condition` holds: true; after `timeoutMs` without it: false. */
export function until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const endsAt = performance.now() + timeoutMs;
    const look = (): void => {
      if (condition()) resolve(true);
      else if (performance.now() >= endsAt) resolve(false);
      else setTimeout(look, LOOK_EVERY_MS);
    };
    look();
  });
}
