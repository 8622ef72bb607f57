import { afterEach } from 'vitest';

export type Cleanup = () => Promise<void> | void;

/** What a file's tests add here is done after each of them, the last first: it ends what they started. */
export function cleanupsAfterEach(): Cleanup[] {
  const cleanups: Cleanup[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  return cleanups;
}
