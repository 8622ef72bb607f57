import { z } from 'zod';
import type { Tokens } from '../protocol/auth.ts';

/** Keeps one small text between runs (or pages); it holds tokens, so it must be private to the user. */
export interface AuthStorage {
  get(): string | null;
  /** Null removes it. */
  set(text: string | null): void;
}

/** Who is logged in. */
export interface AuthSession {
  userId: string;
  role: 'user' | 'admin';
  sessionId: string;
  /** What the server calls this device: the `device.id` for `createClient`. */
  deviceId: string;
  /** As typed at the login; null after a restore that had only the cookie to go by. */
  email: string | null;
}

const keptSessionSchema = z.object({
  accessToken: z.string(),
  /** On the device's clock, ms since 1970. */
  accessExpiresAt: z.number(),
  /** How long it held when it was given, ms. Absent in what older versions kept. */
  accessLifetimeMs: z.number().optional(),
  /** Null when it is in the cookie. */
  refreshToken: z.string().nullable(),
  session: z.object({
    userId: z.string(),
    role: z.enum(['user', 'admin']),
    sessionId: z.string(),
    deviceId: z.string(),
    email: z.string().nullable(),
  }),
});
/** What an AuthStorage holds. */
export type KeptSession = z.infer<typeof keptSessionSchema>;

const MS_PER_SECOND = 1_000;

/** `now`: when the answer came, on the device's clock, ms since 1970. */
export function keptSession(answer: Tokens, email: string | null, now: number): KeptSession {
  return {
    accessToken: answer.access_token,
    accessExpiresAt: now + answer.expires_in * MS_PER_SECOND,
    accessLifetimeMs: answer.expires_in * MS_PER_SECOND,
    refreshToken: answer.refresh_token ?? null,
    session: {
      userId: answer.user_id,
      role: answer.role,
      sessionId: answer.session_id,
      deviceId: answer.device_id,
      email,
    },
  };
}

/** Undefined for nothing, and for what another version wrote or something damaged: as good as logged out. */
export function parseKept(text: string | null): KeptSession | undefined {
  if (text === null) return undefined;
  try {
    return keptSessionSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
