import type { DeviceInput } from '../protocol/ops.ts';
import type { SdkClock } from './clock.ts';
import type { TokenSource } from './tokens.ts';

/** Who is logged in. */
export interface AuthSession {
  userId: string;
  email: string;
  role: 'user' | 'admin';
}

/** Keeps one small text between runs (or pages); it holds tokens, so it must be private to the user. */
export interface AuthStorage {
  get(): string | null;
  /** Null removes it. */
  set(text: string | null): void;
}

export interface AuthOptions {
  /** The server's http(s) origin. */
  url: string;
  storage: AuthStorage;
  /**
   * `cookie` (browsers): the refresh token is an httpOnly cookie that scripts never see.
   * `token` (programs): it is kept in `storage`. Default: `cookie` where there is a `document`.
   */
  mode?: 'cookie' | 'token';
  fetch?: typeof fetch;
  clock?: SdkClock;
}

export interface LoginInput {
  email: string;
  password: string;
  device?: DeviceInput;
}

export interface Auth extends TokenSource {
  readonly session: AuthSession | undefined;
  /** Rejects with a FillwireError. */
  register(input: LoginInput): Promise<AuthSession>;
  login(input: LoginInput): Promise<AuthSession>;
  /** After a page load or program start: the session that is still there, or undefined. */
  restore(): Promise<AuthSession | undefined>;
  /** Forgets the session here, and ends it at the server as well as it can. Never rejects. */
  logout(): Promise<void>;
  /** Called after login, register, restore, logout, and when the server ends the session. */
  onSession(listener: (session: AuthSession | undefined) => void): () => void;
}

export declare function createAuth(options: AuthOptions): Auth;
/** For tests and short-lived programs: forgotten with the process. */
export declare function memoryStorage(): AuthStorage;
/** `localStorage` or `sessionStorage` under one key. */
export declare function webStorage(
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
  key?: string,
): AuthStorage;
