import { z } from 'zod';
import { degradationSchema } from './pushes.ts';

/** GET /healthz: the process lives. */
export const healthSchema = z.union([
  z.object({ status: z.literal('ok') }),
  /** It lives and can store nothing; starting it anew would mend nothing. */
  degradationSchema.extend({ status: z.literal('degraded') }),
]);

/** GET /readyz: whether the server can trade, with status 200, or not, with status 503. */
export const readinessSchema = z.object({
  ready: z.boolean(),
  /** By name; `bus` does not make it unready. */
  checks: z.record(z.string(), z.boolean()),
  /** Desks that keep failing, and take exits at most; the server is ready for the others. */
  stuck_desks: z.number().int(),
  /** Desks in memory: those with something to look after, and those in use. */
  awake_desks: z.number().int(),
});

/** The answer of POST /auth/logout. */
export const loggedOutSchema = z.object({ status: z.literal('logged_out') });
