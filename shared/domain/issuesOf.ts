import { z } from 'zod';
import type { Issue } from './errorDetails.ts';

/** Issues named in one error; the rest is told when these are mended. */
export const MAX_ISSUES = 8;
/** Of what a client wrote, such as a field's name, an answer repeats no more. */
const MAX_PATH_CHARS = 120;

/**
 * Each wrong path and what is allowed there. `prefix`: where in the request what `schema` reads stands; empty: it is all.
 * `names`: whether fields that are not known are named as they were written.
 */
export function issuesOf(error: z.ZodError, schema: z.ZodType, prefix: string, names = true): Issue[] {
  return error.issues
    .slice(0, MAX_ISSUES)
    .flatMap((issue) => describe(issue, schema, prefix, names))
    .slice(0, MAX_ISSUES);
}

function describe(issue: z.core.$ZodIssue, schema: z.ZodType, prefix: string, names: boolean): Issue[] {
  const path = [...(prefix === '' ? [] : [prefix]), ...issue.path.map(String)];
  if (issue.code === 'unrecognized_keys') {
    const allowed = keysAt(schema, issue.path);
    return issue.keys.slice(0, MAX_ISSUES).map((key) => ({
      path: pathText(names ? [...path, key] : path),
      problem: `unknown field; allowed: ${allowed.join(', ') || 'none'}`,
      allowed,
    }));
  }
  const { allowed = allowedBy(issue), ...character } = ownParams(issue);
  return [{ path: pathText(path), problem: issue.message, allowed, ...character }];
}

const paramsSchema = z.object({ allowed: z.array(z.string()), character: z.string().optional() });

/** What a check of ours says besides its sentence. */
const ownParams = (issue: z.core.$ZodIssue): Partial<z.infer<typeof paramsSchema>> =>
  (issue.code === 'custom' ? paramsSchema.safeParse(issue.params).data : undefined) ?? {};

/** What a check of zod's says would have been right; empty where only its sentence says it. */
function allowedBy(issue: z.core.$ZodIssue): string[] {
  switch (issue.code) {
    case 'invalid_value':
      return issue.values.map(String);
    case 'invalid_type':
      return [issue.expected];
    case 'too_small':
      return [`${issue.inclusive === false ? 'above' : 'at least'} ${issue.minimum}`];
    case 'too_big':
      return [`${issue.inclusive === false ? 'below' : 'at most'} ${issue.maximum}`];
    default:
      return [];
  }
}

function pathText(path: readonly string[]): string {
  const text = path.join('.');
  return text.length > MAX_PATH_CHARS ? `${text.slice(0, MAX_PATH_CHARS)}…` : text;
}

/** The fields of the object schema at a path. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = schema;
  for (const step of path) {
    at = unwrap(at);
    at = at instanceof z.ZodObject ? at.shape[String(step)] : undefined;
  }
  at = unwrap(at);
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function unwrap(schema: unknown): unknown {
  let at = schema;
  while (at instanceof z.ZodOptional || at instanceof z.ZodDefault || at instanceof z.ZodNullable)
    at = at.unwrap();
  return at;
}
