import { z } from 'zod';
import { deviceInputSchema } from './ops.ts';

/** The HTTP side of a session: POST with JSON bodies, strict; answers are JSON, errors `{ error: WireError }`. */
export const AUTH_PATHS = {
  register: '/auth/register',
  login: '/auth/login',
  refresh: '/auth/refresh',
  logout: '/auth/logout',
} as const;

/**
 * Body of register and login. `cookie: true` (browsers): the refresh token comes as an httpOnly SameSite cookie and
 * not in the answer.
 */
export const credentialsSchema = z.strictObject({
  email: z.string().trim().min(3).max(254),
  password: z.string().min(1).max(1_024),
  device: deviceInputSchema.optional(),
  cookie: z.boolean().optional(),
});
export type Credentials = z.infer<typeof credentialsSchema>;

/** Body of refresh and logout; without `refresh_token` the cookie is used. */
export const refreshBodySchema = z.strictObject({ refresh_token: z.string().min(1).max(512).optional() });

/** Answer to register, login and refresh. Lifetimes are in seconds, from now. */
export const tokenAnswerSchema = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.number().positive(),
  /** Absent in cookie mode. */
  refresh_token: z.string().optional(),
  refresh_expires_in: z.number().positive(),
  user: z.object({ userId: z.string(), email: z.string(), role: z.enum(['user', 'admin']) }),
});
export type TokenAnswer = z.infer<typeof tokenAnswerSchema>;
