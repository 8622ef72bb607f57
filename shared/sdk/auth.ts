import type { Tokens } from '../protocol/auth.ts';
import type { DeviceInput } from '../protocol/device.ts';
import { wireError } from '../protocol/errors.ts';
import { AuthHttp } from './authHttp.ts';

import { type SdkClock, systemClock } from './clock.ts';
import { FillwireError } from './fillwireError.ts';
import {
  type AuthSession,
  type AuthStorage,
  type KeptSession,
  keptSession,
  parseKept,
} from './keptSession.ts';
import { SDK_LIMITS } from './limits.ts';
import { Listeners } from './listeners.ts';
import type { TokenSource } from './tokens.ts';

export type { AuthSession, AuthStorage };

/** Runs one task at a time per name; in browsers across all tabs. */
export type WithLock = <T>(name: string, task: () => Promise<T>) => Promise<T>;

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
  /** Default: `navigator.locks` where there is one (not on plain-HTTP pages). */
  withLock?: WithLock;
}

export interface LoginInput {
  email: string;
  password: string;
  device?: DeviceInput;
}

export interface RegisterInput extends LoginInput {
  /** Printed by a server that others can reach, for its first account. */
  code?: string;
}

export interface Auth extends TokenSource {
  readonly session: AuthSession | undefined;
  /** Rejects with a FillwireError. */
  register(input: RegisterInput): Promise<AuthSession>;
  /** Rejects with a FillwireError. */
  login(input: LoginInput): Promise<AuthSession>;
  /** After a page load or program start: the session that is still there, or undefined. Rejects when unreachable. */
  restore(): Promise<AuthSession | undefined>;
  /** Forgets the session here, and ends it at the server as well as it can. Never rejects. */
  logout(): Promise<void>;
  /** Called after login, register, restore, logout, and when the server ends the session. */
  onSession(listener: (session: AuthSession | undefined) => void): () => void;
}

const LOCK_NAME = 'fillwire.refresh';
const LOGGED_OUT = () => new FillwireError(wireError('unauthenticated', 'logged out', { reason: 'missing' }));

/** Logs in and keeps a valid access token. Give it to `createClient` as its `tokens`. */
export function createAuth(options: AuthOptions): Auth {
  return new StoredAuth(options);
}

class StoredAuth implements Auth {
  readonly #clock: SdkClock;
  readonly #storage: AuthStorage;
  readonly #http: AuthHttp;
  readonly #cookieMode: boolean;
  readonly #withLock: WithLock;
  readonly #listeners = new Listeners<AuthSession | undefined>();
  #kept: KeptSession | undefined;
  #refreshing: Promise<KeptSession> | undefined;
  /** Counts logins and logouts: a refresh begun before one must not undo it. */
  #generation = 0;

  constructor(options: AuthOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#storage = options.storage;
    this.#cookieMode =
      (options.mode ?? (globalThis.document === undefined ? 'token' : 'cookie')) === 'cookie';
    this.#withLock = options.withLock ?? platformLock;
    const send = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
    this.#http = new AuthHttp({
      url: options.url,
      fetch: send,
      clock: this.#clock,
      cookies: this.#cookieMode,
    });
    this.#kept = parseKept(this.#storage.get());
  }

  get session(): AuthSession | undefined {
    return this.#kept?.session;
  }

  register(input: RegisterInput): Promise<AuthSession> {
    return this.#enter('register', input);
  }

  login(input: LoginInput): Promise<AuthSession> {
    return this.#enter('login', input);
  }

  async restore(): Promise<AuthSession | undefined> {
    try {
      if (this.#kept === undefined || !this.#isFresh(this.#kept)) await this.#renew(this.#kept?.accessToken);
      this.#listeners.emit(this.session);
    } catch (error) {
      if (!isLoggedOut(error)) throw error;
    }
    return this.session;
  }

  async logout(): Promise<void> {
    const refreshToken = this.#kept?.refreshToken ?? null;
    this.#generation += 1;
    this.#storage.set(null);
    this.#forget();
    try {
      await this.#http.post('logout', this.#refreshBody(refreshToken));
    } catch {
      // Unreachable: the tokens are gone here, and end at the server when their time is over.
    }
  }

  onSession(listener: (session: AuthSession | undefined) => void): () => void {
    return this.#listeners.add(listener);
  }

  async current(): Promise<string> {
    const kept = this.#kept;
    if (kept !== undefined && this.#isFresh(kept)) return kept.accessToken;
    return (await this.#renew(kept?.accessToken)).accessToken;
  }

  async refresh(stale: string): Promise<string> {
    const kept = this.#kept;
    if (kept !== undefined && kept.accessToken !== stale && this.#isFresh(kept)) return kept.accessToken;
    return (await this.#renew(stale)).accessToken;
  }

  async #enter(path: 'register' | 'login', input: RegisterInput): Promise<AuthSession> {
    const answer = await this.#http.tokens(path, { ...input, refresh_token_in: this.#refreshTokenIn });
    this.#generation += 1;
    const kept = keptSession(answer, input.email, this.#clock.now());
    const { session } = kept;
    this.#kept = kept;
    this.#storage.set(JSON.stringify(kept));
    this.#listeners.emit(session);
    return session;
  }

  /** One refresh at a time, here and across the tabs that share lock and storage. */
  #renew(stale: string | undefined): Promise<KeptSession> {
    this.#refreshing ??= this.#withLock(LOCK_NAME, () => this.#renewAlone(stale)).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #renewAlone(stale: string | undefined): Promise<KeptSession> {
    const generation = this.#generation;
    const stored = this.#storage.get();
    const shared = parseKept(stored);
    if (shared !== undefined && shared.accessToken !== stale && this.#isFresh(shared))
      return this.#adopt(shared);
    const known = shared ?? this.#kept;
    const refreshToken = known?.refreshToken ?? null;
    if (refreshToken === null && !this.#cookieMode) throw LOGGED_OUT();
    let answer: Tokens;
    try {
      answer = await this.#http.tokens('refresh', this.#refreshBody(refreshToken));
    } catch (error) {
      if (!isLoggedOut(error)) throw error;
      if (generation !== this.#generation) return this.#keptOrLoggedOut();
      // Unless somebody logged in there meanwhile.
      if (this.#storage.get() === stored) this.#storage.set(null);
      this.#forget();
      throw error;
    }
    if (generation !== this.#generation) return this.#keptOrLoggedOut();
    const before = known?.session;
    const email = before?.userId === answer.user_id ? before.email : null;
    const renewed = keptSession(answer, email, this.#clock.now());
    this.#storage.set(JSON.stringify(renewed));
    return this.#adopt(renewed);
  }

  /** Goes on with tokens of this login; with those of another user, who logged in beside us, never. */
  #adopt(kept: KeptSession): KeptSession {
    if (this.#kept !== undefined && this.#kept.session.userId !== kept.session.userId) {
      this.#forget();
      throw LOGGED_OUT();
    }
    this.#kept = kept;
    return kept;
  }

  /** After a login or logout that overtook a refresh: what that one left. */
  #keptOrLoggedOut(): KeptSession {
    if (this.#kept === undefined) throw LOGGED_OUT();
    return this.#kept;
  }

  #isFresh(kept: KeptSession): boolean {
    const { accessExpiresAt, accessLifetimeMs = Number.POSITIVE_INFINITY } = kept;
    // One that lives short is not old from the start.
    const leewayMs = Math.min(SDK_LIMITS.tokenLeewayMs, accessLifetimeMs / 2);
    return accessExpiresAt - this.#clock.now() > leewayMs;
  }

  get #refreshTokenIn(): 'cookie' | 'body' {
    return this.#cookieMode ? 'cookie' : 'body';
  }

  #refreshBody(refreshToken: string | null): object {
    const where = { refresh_token_in: this.#refreshTokenIn };
    return refreshToken === null ? where : { ...where, refresh_token: refreshToken };
  }

  #forget(): void {
    const wasLoggedIn = this.#kept !== undefined;
    this.#kept = undefined;
    if (wasLoggedIn) this.#listeners.emit(undefined);
  }
}

function isLoggedOut(error: unknown): boolean {
  return error instanceof FillwireError && error.code === 'unauthenticated';
}

const platformLock: WithLock = (name, task) => {
  const locks = globalThis.navigator?.locks;
  return locks === undefined ? task() : locks.request(name, task);
};

/** Forgotten with the page or process. */
export function memoryStorage(): AuthStorage {
  let kept: string | null = null;
  return {
    get: () => kept,
    set: (text) => {
      kept = text;
    },
  };
}

/**
 * `localStorage` (shared by the tabs: one refresh serves them all) or `sessionStorage`, under one key. A browser
 * that refuses storage is a browser that forgets: nothing else fails.
 */
export function webStorage(
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
  key = 'fillwire.session',
): AuthStorage {
  const memory = memoryStorage();
  return {
    get() {
      try {
        return storage.getItem(key);
      } catch {
        return memory.get();
      }
    },
    set(text) {
      memory.set(text);
      try {
        if (text === null) storage.removeItem(key);
        else storage.setItem(key, text);
      } catch {
        // Kept in memory.
      }
    },
  };
}
