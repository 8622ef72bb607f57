import type { DeviceInput } from '../../shared/protocol/device.ts';
import type { WireError } from '../../shared/protocol/errors.ts';
import type { Revocation } from './eventBus.ts';
import type { DeviceRow } from './identityStore.ts';

/** What a good access token says about its bearer. */
export interface Grant {
  userId: string;
  sessionId: string;
  /** The device the login was made on. */
  deviceId: string;
  role: 'user' | 'admin';
  scopes: readonly string[];
  /** Wall time at which the token ends, ms. */
  expiresAt: number;
}

/**
 * - `invalid`: not an access token of ours
 * - `expired`: was one; a refresh helps
 * - `revoked`: logged out, device revoked, user suspended: only a new login helps
 */
export type AccessVerdict =
  | { ok: true; grant: Grant }
  | { ok: false; reason: 'invalid' | 'expired' | 'revoked' };

/** The tokens of one login. Lifetimes are in ms from now. */
export interface IssuedTokens {
  grant: Grant;
  accessToken: string;
  accessLifetimeMs: number;
  refreshToken: string;
  refreshLifetimeMs: number;
}
export type IssueResult = { ok: true; tokens: IssuedTokens } | { ok: false; error: WireError };

export interface LoginRequest {
  email: string;
  password: string;
  device: DeviceInput | undefined;
}

export interface RegisterRequest extends LoginRequest {
  /** The one-time code for the first account, where one is asked for. */
  code: string | undefined;
}

/** Who somebody is, and which of their logins still count. Methods reject only when their store cannot be reached. */
export interface Authenticator {
  /** Checks signature, kind, expiry, and that session, device and user are still good. */
  verifyAccess(token: string): Promise<AccessVerdict>;
  /**
   * `bad_request` with reasons for an email or password that will not do; `rate_limited` when too many hash at once;
   * `forbidden` when nobody may register here, or the first account needs its code.
   */
  register(request: RegisterRequest): Promise<IssueResult>;
  /** `unauthenticated` for a wrong pair, without saying which half was wrong. */
  login(request: LoginRequest): Promise<IssueResult>;
  /** Rotates. The immediate predecessor gets the same successor for a while; an older one revokes the session. */
  refresh(refreshToken: string): Promise<IssueResult>;
  /** Revokes the session of this refresh token. Unknown tokens are ignored. */
  logout(refreshToken: string): Promise<void>;
  /**
   * The device that a socket says it is: stored or updated under the grant's user. Without one, or when that device
   * was revoked: the device of the login.
   */
  claimDevice(grant: Grant, device: DeviceInput | undefined): Promise<DeviceRow>;
  /** Without revoked ones, newest first. */
  listDevices(userId: string): Promise<DeviceRow[]>;
  /** Its logins end and its sockets close, on every process. False: the user has no such device. */
  revokeDevice(userId: string, deviceId: string): Promise<boolean>;
  /** Hears of every revocation made in this process, at once, whatever becomes of it on the bus. */
  onRevoked(handler: (revocation: Revocation) => void): void;
  /** What was revoked since a wall time, by whichever process, as the store has it. */
  revokedSince(at: number): Promise<Revocation[]>;
  /** Whether there is any account. */
  hasUsers(): Promise<boolean>;
  /** Forgets logins and devices that ended long ago. */
  prune(): Promise<void>;
}
