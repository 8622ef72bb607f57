import { z } from 'zod';
import { deviceInputSchema } from './device.ts';
import { wireErrorSchema } from './errors.ts';

/**
 * Where the refresh token goes. `body` (default): in the answer, for programs. `cookie`: into an httpOnly,
 * SameSite=Strict cookie of the page's own origin, so that scripts never see it.
 */
const refreshTokenIn = z.enum(['body', 'cookie']).default('body');

/** POST /auth/login. */
export const credentialsSchema = z.strictObject({
  email: z.string().max(254),
  password: z.string().max(1_024),
  /** The machine that this login belongs to; default: a nameless one. */
  device: deviceInputSchema.optional(),
  refresh_token_in: refreshTokenIn,
});
/** POST /auth/register. */
export const registrationSchema = credentialsSchema.extend({
  /** 10 to 256 characters, and none of the commonest; the refusal says what is wrong with it. */
  password: credentialsSchema.shape.password,
  /** For the first account of a server that others can reach, which prints it at its start. */
  code: z.string().max(64).optional(),
});
export type Credentials = z.infer<typeof credentialsSchema>;

/** POST /auth/refresh and POST /auth/logout. With `cookie` the token comes from the cookie, not from here. */
export const refreshRequestSchema = z.strictObject({
  /** Required, unless it comes in the cookie. */
  refresh_token: z.string().min(1).max(512).optional(),
  refresh_token_in: refreshTokenIn,
});
export type RefreshRequest = z.infer<typeof refreshRequestSchema>;

/** The answer of register, login and refresh. Lifetimes are in seconds from now, as in OAuth 2. */
export const tokensSchema = z.object({
  token_type: z.literal('Bearer'),
  access_token: z.string(),
  /** Of the access token, seconds. */
  expires_in: z.number().int(),
  /** Absent when it went into the cookie. */
  refresh_token: z.string().optional(),
  /** Of the refresh token, seconds. */
  refresh_expires_in: z.number().int(),
  user_id: z.string(),
  role: z.enum(['user', 'admin']),
  session_id: z.string(),
  /** Use this id as `device.id` from now on: a device that was revoked comes back under a new one. */
  device_id: z.string(),
});
export type Tokens = z.infer<typeof tokensSchema>;

/** Any refusal over HTTP: the same errors as on the socket. */
export const httpErrorSchema = z.object({ error: wireErrorSchema });
