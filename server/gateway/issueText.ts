import type { z } from 'zod';
import { issuesOf } from '../../shared/domain/issuesOf.ts';
import { type WireError, wireError } from '../../shared/protocol/errors.ts';

/** `bad_request` that names each wrong path and what is allowed there; `names`: also fields that are not known, as they were written. */
export function misfit(error: z.ZodError, schema: z.ZodType, prefix: string, names = true): WireError {
  const issues = issuesOf(error, schema, prefix, names);
  const message = issues
    .map((issue) => `${issue.path === '' ? 'the frame' : issue.path}: ${issue.problem}`)
    .join('; ');
  return wireError('bad_request', message, { issues });
}
