import { randomUUID } from 'node:crypto';
import type { ErrorDetails } from '../../shared/domain/errorDetails.ts';
import type { DeviceInput } from '../../shared/protocol/device.ts';
import { unavailable, wireError } from '../../shared/protocol/errors.ts';
import type {
  AccessVerdict,
  Authenticator,
  Grant,
  IssuedTokens,
  IssueResult,
  LoginRequest,
  RegisterRequest,
} from '../ports/authenticator.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventPublisher, Revocation } from '../ports/eventBus.ts';
import type { DeviceRow, IdentityStore, SessionRow, UserRow } from '../ports/identityStore.ts';
import type { Logger } from '../ports/logger.ts';
import { AccessTokens } from './accessTokens.ts';
import { Devices, SESSIONS_PER_USER, unnamedDevice } from './devices.ts';
import { HASHER_LIMITS, HasherBusy, type HasherLimits, PasswordHasher } from './passwordHasher.ts';
import { credentialProblems, normaliseEmail, PASSWORD_MAX_CHARACTERS } from './passwordPolicy.ts';
import { RefreshTokens } from './refreshTokens.ts';
import { Registration, type RegistrationMode } from './registration.ts';

export interface IdentityConfig {
  accessLifetimeMs: number;
  /** Counted anew from every refresh. */
  refreshLifetimeMs: number;
  /** How long the immediate predecessor of a refresh token still gets the same successor. */
  refreshGraceMs: number;
  hasher: HasherLimits;
  registration: RegistrationMode;
  /** Needed for the first account; null where only this machine can reach the server. */
  firstAccountCode: string | null;
}
export const IDENTITY_DEFAULTS: IdentityConfig = {
  accessLifetimeMs: 15 * 60_000,
  refreshLifetimeMs: 30 * 86_400_000,
  refreshGraceMs: 30_000,
  hasher: HASHER_LIMITS,
  registration: 'open',
  firstAccountCode: null,
};

export interface IdentityDeps {
  store: IdentityStore;
  clock: Clock;
  logger: Logger;
  /** Told of every revocation, so that sockets close on every process. */
  publisher: EventPublisher;
  /** At least 32 bytes; the caller checks. The key of refresh tokens is derived from it. */
  secrets: { jwtSecret: string };
  config?: Partial<IdentityConfig>;
}

/** What a person who logged in may do; API keys will have fewer. */
const SCOPES = ['read', 'trade'] as const;
/** Ended logins are kept until no access token of theirs can live, a day at most, and a day more. */
const KEEP_ENDED_MS = 2 * 86_400_000;
/** Devices without a login are remembered by their name for this long. */
const KEEP_UNSEEN_MS = 90 * 86_400_000;
/** Says nothing about which half was wrong. */
const WRONG_PAIR = wireError('unauthenticated', 'email or password is wrong', { reason: 'wrong' });
const BUSY = wireError('rate_limited', 'too many logins at once; try again in a moment', {
  limit: 'logins at once',
  actual: null,
  allowed: 'fewer at once',
  retryAfterMs: 1_000,
});

/** Users, passwords, tokens and devices over one store. */
export function createIdentity(deps: IdentityDeps): Authenticator {
  return new Identity(deps);
}

class Identity implements Authenticator {
  readonly #store: IdentityStore;
  readonly #devices: Devices;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #publisher: EventPublisher;
  readonly #config: IdentityConfig;
  readonly #hasher: PasswordHasher;
  readonly #registration: Registration;
  readonly #accessTokens: AccessTokens;
  readonly #refreshTokens: RefreshTokens;
  readonly #listeners: Array<(revocation: Revocation) => void> = [];

  constructor(deps: IdentityDeps) {
    this.#store = deps.store;
    this.#devices = new Devices(deps.store);
    this.#clock = deps.clock;
    this.#logger = deps.logger;
    this.#publisher = deps.publisher;
    this.#config = { ...IDENTITY_DEFAULTS, ...deps.config };
    this.#registration = new Registration(this.#config.registration, this.#config.firstAccountCode);
    this.#hasher = new PasswordHasher(this.#config.hasher);
    this.#accessTokens = new AccessTokens(deps.secrets.jwtSecret, deps.clock);
    this.#refreshTokens = new RefreshTokens(deps.secrets.jwtSecret);
  }

  async register(request: RegisterRequest): Promise<IssueResult> {
    const hasUsers = await this.#store.hasUsers();
    return this.#registration.admit(hasUsers, request.code, () => this.#createUser(request));
  }

  hasUsers(): Promise<boolean> {
    return this.#store.hasUsers();
  }

  async #createUser(request: LoginRequest): Promise<IssueResult> {
    const issues = credentialProblems(request.email, request.password);
    if (issues.length > 0) {
      const message = issues.map(({ problem }) => problem).join('; ');
      return { ok: false, error: wireError('bad_request', message, { issues }) };
    }
    return this.#unlessBusy(async () => {
      const user = await this.#store.createUser({
        userId: randomUUID(),
        email: normaliseEmail(request.email),
        passwordHash: await this.#hasher.hash(request.password),
        createdAt: this.#clock.now(),
      });
      if (user !== undefined) return { ok: true, tokens: await this.#openSession(user, request.device) };
      const problem = 'an account with this email exists already';
      const issues = [{ path: 'email', problem, allowed: [] }];
      return { ok: false, error: wireError('bad_request', problem, { issues }) };
    });
  }

  async login(request: LoginRequest): Promise<IssueResult> {
    // Never a real password: not worth the hash.
    if (request.password.length > PASSWORD_MAX_CHARACTERS * 4) return { ok: false, error: WRONG_PAIR };
    return this.#unlessBusy(async () => {
      const user = await this.#store.userByEmail(normaliseEmail(request.email));
      const matches = await this.#hasher.matches(user?.passwordHash, request.password);
      if (user === undefined || !matches) return { ok: false, error: WRONG_PAIR };
      if (user.status !== 'active')
        return { ok: false, error: wireError('forbidden', 'this account is suspended', { needs: null }) };
      return { ok: true, tokens: await this.#openSession(user, request.device) };
    });
  }

  async refresh(token: string): Promise<IssueResult> {
    const sessionId = this.#refreshTokens.sessionOf(token);
    if (sessionId === undefined) return refused('this is no refresh token of ours');
    const offered = RefreshTokens.hash(token);
    const next = this.#refreshTokens.successor(token);
    // Twice at most: who loses the race to rotate finds itself to be the predecessor.
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const session = await this.#store.session(sessionId);
      const now = this.#clock.now();
      if (session === undefined || session.revokedAt !== null)
        return refused('this session has ended', 'revoked');
      if (session.expiresAt <= now) return refused('this session has expired', 'expired');
      const bearer = await this.#bearer(session);
      if (bearer === undefined) return refused('this session has ended', 'revoked');
      if (offered === session.tokenHash) {
        const expiresAt = now + this.#config.refreshLifetimeMs;
        if (await this.#store.rotateSession(sessionId, offered, RefreshTokens.hash(next), now, expiresAt)) {
          return {
            ok: true,
            tokens: await this.#issue(bearer, session.sessionId, session.deviceId, next, expiresAt),
          };
        }
        continue;
      }
      if (this.#isFreshPredecessor(session, offered, now)) {
        const tokens = await this.#issue(
          bearer,
          session.sessionId,
          session.deviceId,
          next,
          session.expiresAt,
        );
        return { ok: true, tokens };
      }
      this.#logger.warn(
        { userId: session.userId, sessionId },
        'an old refresh token was used again: session revoked',
      );
      await this.#endSession(session);
      return refused('this refresh token was used before; log in again', 'reused');
    }
    return {
      ok: false,
      error: unavailable('the session is being refreshed elsewhere; try again'),
    };
  }

  async logout(token: string): Promise<void> {
    const sessionId = this.#refreshTokens.sessionOf(token);
    const session = sessionId === undefined ? undefined : await this.#store.session(sessionId);
    if (session !== undefined && session.revokedAt === null) await this.#endSession(session);
  }

  async verifyAccess(token: string): Promise<AccessVerdict> {
    const verdict = await this.#accessTokens.verify(token);
    if (!verdict.ok) return verdict;
    const { userId, sessionId } = verdict.grant;
    const session = await this.#store.session(sessionId);
    const good = session !== undefined && session.userId === userId && session.revokedAt === null;
    const user = good ? await this.#bearer(session) : undefined;
    if (user === undefined) return { ok: false, reason: 'revoked' };
    return { ok: true, grant: { ...verdict.grant, role: user.role } };
  }

  async claimDevice(grant: Grant, device: DeviceInput | undefined): Promise<DeviceRow> {
    const now = this.#clock.now();
    if (device !== undefined) {
      const claimed = await this.#devices.store(grant.userId, device, now);
      if (claimed.revokedAt === null) return claimed;
    }
    const own = await this.#store.device(grant.userId, grant.deviceId);
    if (own === undefined) return this.#devices.store(grant.userId, unnamedDevice(grant.deviceId), now);
    return this.#devices.store(grant.userId, { id: own.deviceId, name: own.name, kind: own.kind }, now);
  }

  listDevices(userId: string): Promise<DeviceRow[]> {
    return this.#devices.list(userId);
  }

  async revokeDevice(userId: string, deviceId: string): Promise<boolean> {
    if ((await this.#store.device(userId, deviceId)) === undefined) return false;
    await this.#store.revokeDevice(userId, deviceId, this.#clock.now());
    this.#tell({ userId, deviceId, sessionId: null });
    return true;
  }

  onRevoked(handler: (revocation: Revocation) => void): void {
    this.#listeners.push(handler);
  }

  revokedSince(at: number): Promise<Revocation[]> {
    return this.#store.revokedSince(at);
  }

  async prune(): Promise<void> {
    const now = this.#clock.now();
    const gone = await this.#store.prune(now - KEEP_ENDED_MS, now - KEEP_UNSEEN_MS);
    if (gone.sessions + gone.devices > 0) this.#logger.info(gone, 'old logins and devices were forgotten');
  }

  /** Here at once, elsewhere by the bus. */
  #tell(revocation: Revocation): void {
    for (const listener of this.#listeners) listener(revocation);
    this.#publisher.publish({ type: 'revoked', ...revocation });
  }

  /** The user of a session, if user and device still count. */
  async #bearer(session: SessionRow): Promise<UserRow | undefined> {
    const [user, device] = await Promise.all([
      this.#store.userById(session.userId),
      this.#store.device(session.userId, session.deviceId),
    ]);
    return user?.status === 'active' && device?.revokedAt === null ? user : undefined;
  }

  #isFreshPredecessor(session: SessionRow, offered: string, now: number): boolean {
    if (session.previousHash !== offered || session.rotatedAt === null) return false;
    return now - session.rotatedAt <= this.#config.refreshGraceMs;
  }

  async #endSession(session: SessionRow): Promise<void> {
    const { userId, sessionId } = session;
    await this.#store.revokeSession(sessionId, this.#clock.now());
    this.#tell({ userId, deviceId: null, sessionId });
  }

  async #openSession(user: UserRow, input: DeviceInput | undefined): Promise<IssuedTokens> {
    const now = this.#clock.now();
    let device = await this.#devices.store(user.userId, input ?? unnamedDevice(randomUUID()), now);
    if (device.revokedAt !== null) {
      // A revoked device stays revoked: what was logged out must not come back to life with its old tokens.
      const { name, kind } = device;
      device = await this.#devices.store(user.userId, { id: randomUUID(), name, kind }, now);
    }
    const sessionId = randomUUID();
    const refreshToken = this.#refreshTokens.first(sessionId);
    const expiresAt = now + this.#config.refreshLifetimeMs;
    await this.#store.createSession({
      sessionId,
      userId: user.userId,
      deviceId: device.deviceId,
      tokenHash: RefreshTokens.hash(refreshToken),
      previousHash: null,
      rotatedAt: null,
      createdAt: now,
      expiresAt,
      revokedAt: null,
    });
    for (const ended of await this.#store.endOldest(user.userId, SESSIONS_PER_USER, now)) this.#tell(ended);
    return this.#issue(user, sessionId, device.deviceId, refreshToken, expiresAt);
  }

  async #issue(
    user: UserRow,
    sessionId: string,
    deviceId: string,
    refreshToken: string,
    refreshExpiresAt: number,
  ): Promise<IssuedTokens> {
    const now = this.#clock.now();
    const expiresAt = now + this.#config.accessLifetimeMs;
    const grant: Grant = {
      userId: user.userId,
      sessionId,
      deviceId,
      role: user.role,
      scopes: SCOPES,
      expiresAt,
    };
    return {
      grant,
      accessToken: await this.#accessTokens.issue(grant),
      accessLifetimeMs: this.#config.accessLifetimeMs,
      refreshToken,
      refreshLifetimeMs: refreshExpiresAt - now,
    };
  }

  async #unlessBusy(work: () => Promise<IssueResult>): Promise<IssueResult> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof HasherBusy) return { ok: false, error: BUSY };
      throw error;
    }
  }
}

function refused(
  message: string,
  reason: ErrorDetails<'unauthenticated'>['reason'] = 'invalid',
): IssueResult {
  return { ok: false, error: wireError('unauthenticated', message, { reason }) };
}
