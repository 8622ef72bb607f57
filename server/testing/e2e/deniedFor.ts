import { expect } from 'vitest';
import type { DenialLimit } from '../../../shared/domain/denial.ts';

/** The details of a `denied` that names this among its reasons, for expectations. */
export function deniedFor(limit: DenialLimit, figures: Record<string, unknown> = {}): object {
  const denial = { limit, figures: expect.objectContaining(figures) };
  return { denials: expect.arrayContaining([denial]) };
}
