import { expect } from 'vitest';
import type { Denial } from '../../../shared/domain/denial.ts';

/** The details of a `denied` that names this among its reasons, for expectations. */
export function deniedFor(denial: Partial<Record<keyof Denial, string>>): object {
  return { denials: expect.arrayContaining([expect.objectContaining(denial)]) };
}
