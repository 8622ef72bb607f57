import { vi } from 'vitest';

/** How long a test waits for what must come, wall ms. Far longer than anything takes on a busy machine: reached only by what never happens. */
export const PATIENCE_MS = 120_000;

const PATIENT = { timeout: PATIENCE_MS, interval: 10 };

/** Looks until the condition gives something truthy, and answers it. */
export const waitUntil: typeof vi.waitUntil = (condition) => vi.waitUntil(condition, PATIENT);

/** Tries until it does not throw, and answers what it gave. */
export const waitFor: typeof vi.waitFor = (attempt) => vi.waitFor(attempt, PATIENT);
