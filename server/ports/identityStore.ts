import type { DeviceInput } from '../../shared/protocol/device.ts';
import type { Revocation } from './eventBus.ts';

export interface UserRow {
  userId: string;
  /** Lower-cased. */
  email: string;
  passwordHash: string;
  role: 'user' | 'admin';
  status: 'active' | 'suspended';
  createdAt: number;
}

export interface DeviceRow {
  deviceId: string;
  userId: string;
  name: string;
  kind: DeviceInput['kind'];
  createdAt: number;
  lastSeenAt: number;
  revokedAt: number | null;
}

/** One login: a family of refresh tokens, of which only the newest is good (and, for 30 s, its predecessor). */
export interface SessionRow {
  sessionId: string;
  userId: string;
  deviceId: string;
  /** SHA-256 of the current refresh token, hex. */
  tokenHash: string;
  /** Of its immediate predecessor, and when that was replaced. */
  previousHash: string | null;
  rotatedAt: number | null;
  createdAt: number;
  expiresAt: number;
  revokedAt: number | null;
}

export interface IdentityStore {
  /** The first user ever becomes admin, in the same transaction. Undefined: the email is taken. */
  createUser(user: Omit<UserRow, 'role' | 'status'>): Promise<UserRow | undefined>;
  hasUsers(): Promise<boolean>;
  userByEmail(email: string): Promise<UserRow | undefined>;
  userById(userId: string): Promise<UserRow | undefined>;
  upsertDevice(device: Omit<DeviceRow, 'revokedAt'>): Promise<DeviceRow>;
  device(userId: string, deviceId: string): Promise<DeviceRow | undefined>;
  /** Those that are not revoked, at most so many: with a live login first, then whoever was seen last. */
  devices(userId: string, atMost: number): Promise<DeviceRow[]>;
  /** Forgets all devices but the newest `keep` of those that no login and no revocation has to be remembered for. */
  forgetDevices(userId: string, keep: number): Promise<void>;
  revokeDevice(userId: string, deviceId: string, at: number): Promise<boolean>;
  createSession(session: SessionRow): Promise<void>;
  session(sessionId: string): Promise<SessionRow | undefined>;
  /** Replaces `fromHash` by `toHash` if it is still current; false: somebody was faster. */
  rotateSession(
    sessionId: string,
    fromHash: string,
    toHash: string,
    at: number,
    expiresAt: number,
  ): Promise<boolean>;
  revokeSession(sessionId: string, at: number): Promise<void>;
  /** Sessions and devices revoked at or after a time. */
  revokedSince(at: number): Promise<Revocation[]>;
  /** Ends the user's oldest live sessions beyond the newest `keep`; those ended. */
  endOldest(userId: string, keep: number, at: number): Promise<Revocation[]>;
  /**
   * Forgets sessions that ended before `endedBefore`, and then devices without a session that were revoked before it
   * or last seen before `unseenBefore`.
   */
  prune(endedBefore: number, unseenBefore: number): Promise<{ sessions: number; devices: number }>;
}
