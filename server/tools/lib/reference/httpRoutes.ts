import type { z } from 'zod';
import {
  credentialsSchema,
  refreshRequestSchema,
  registrationSchema,
  tokensSchema,
} from '../../../../shared/protocol/auth.ts';
import type { ErrorCode } from '../../../../shared/protocol/errors.ts';
import { healthSchema, loggedOutSchema, readinessSchema } from '../../../../shared/protocol/health.ts';

export interface HttpRoute {
  method: 'GET' | 'POST';
  path: string;
  summary: string;
  /** What it takes, as JSON; null: nothing. */
  body: z.ZodType | null;
  /** What it answers with 200; null: no JSON. */
  answer: z.ZodType | null;
  /** Refusals, with the codes that a client should know. */
  refusals: readonly ErrorCode[];
}

const ALWAYS = ['bad_request', 'forbidden', 'too_large', 'rate_limited', 'unavailable'] as const;

/** Every route of the HTTP surface that programs use. */
export const HTTP_ROUTES: readonly HttpRoute[] = [
  {
    method: 'POST',
    path: '/auth/register',
    summary:
      'Make an account and log in. Beyond loopback only the first account is made, with the `code` that the server prints at its start, unless the operator has opened registration. An email that has an account already is refused with `bad_request`. The first account is the administrator. A new user has a desk with one simulated account.',
    body: registrationSchema,
    answer: tokensSchema,
    refusals: ALWAYS,
  },
  {
    method: 'POST',
    path: '/auth/login',
    summary:
      'Log in. A wrong password and an unknown user get the same answer. Failures lock nothing: attempts of an address are counted, good and bad, [as below](#how-often).',
    body: credentialsSchema,
    answer: tokensSchema,
    refusals: ['unauthenticated', ...ALWAYS],
  },
  {
    method: 'POST',
    path: '/auth/refresh',
    summary:
      'A new access token and a new refresh token for the refresh token of before, which ends. Asked twice with the same one within 30 s, both get the same successor; later that counts as theft, and the login ends.',
    body: refreshRequestSchema,
    answer: tokensSchema,
    refusals: ['unauthenticated', ...ALWAYS],
  },
  {
    method: 'POST',
    path: '/auth/logout',
    summary: 'End the login of this refresh token. Its sockets are closed with 4501.',
    body: refreshRequestSchema,
    answer: loggedOutSchema,
    refusals: ALWAYS,
  },
  {
    method: 'GET',
    path: '/healthz',
    summary: 'Whether the process lives.',
    body: null,
    answer: healthSchema,
    refusals: [],
  },
  {
    method: 'GET',
    path: '/readyz',
    summary:
      'Whether the server can trade, with its checks: with status 503 and the same body where it cannot. Not reachable from outside behind docker/nginx.',
    body: null,
    answer: readinessSchema,
    refusals: [],
  },
];
