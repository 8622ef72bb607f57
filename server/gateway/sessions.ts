import { CLOSE } from '../../shared/protocol/closeCodes.ts';
import { badRequest, wireError } from '../../shared/protocol/errors.ts';
import type { OpArgs } from '../../shared/protocol/ops.ts';
import type { DeskTrouble, Push } from '../../shared/protocol/serverMessage.ts';
import { VIEW_VERSION } from '../../shared/protocol/version.ts';
import type { AccessVerdict, Authenticator, Grant } from '../ports/authenticator.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeskCommands } from '../ports/deskGateway.ts';
import type { DeskHealth } from '../ports/deskHealth.ts';
import type { Revocation } from '../ports/eventBus.ts';
import type { Logger } from '../ports/logger.ts';
import type { DeskFeeds } from './deskFeeds.ts';
import { type GatewayLimits, publicLimits } from './limits.ts';
import type { LiveSession, Session, Socket } from './socket.ts';
import type { Users } from './users.ts';

export interface SessionContext {
  clock: Clock;
  logger: Logger;
  limits: GatewayLimits;
  authenticator: Authenticator;
  commands: DeskCommands;
  deskHealth: DeskHealth;
  feeds: DeskFeeds;
  users: Users;
}

const WAITING: Session = { state: 'waiting' };
const AUTHENTICATING: Session = { state: 'authenticating' };
/** A revocation is remembered this long, for logins that were being checked while it came. */
const REVOCATION_MEMORY_MS = 60_000;
const REVOCATION_MEMORY = 10_000;
/** When a user with too many connections may find a place again. */
const CONNECTION_RETRY_MS = 10_000;

const REFUSALS = {
  invalid: { message: 'this is no access token of ours', close: CLOSE.unauthenticated },
  expired: { message: 'the access token has expired; refresh it', close: CLOSE.tokenExpired },
  revoked: { message: 'this login was ended; log in again', close: CLOSE.revoked },
} as const;

/** Who is behind each socket, and until when. */
export class Sessions {
  readonly #context: SessionContext;
  /** By what they name, oldest first: the same one may be heard of several times. */
  readonly #revocations = new Map<string, { at: number; revoked: Revocation }>();

  constructor(context: SessionContext) {
    this.#context = context;
    context.deskHealth.onChange((deskId, trouble) => {
      const push = this.#troublePush(trouble);
      for (const socket of context.users.find(deskId)?.sockets ?? []) socket.send(push);
    });
  }

  /** Answers by itself, refusals too. Rejects when a store cannot be reached; the socket may then try again. */
  async authenticate(socket: Socket, id: string, args: OpArgs<'session.authenticate'>): Promise<void> {
    const { session } = socket;
    if (session.state === 'authenticating') {
      socket.refuse(id, badRequest('', 'an authentication is under way already'));
      return;
    }
    if (session.state === 'live')
      return this.#renew(socket, session, args.token, (grant) => this.#welcome(socket, id, grant), id);
    socket.session = AUTHENTICATING;
    try {
      const { authenticator } = this.#context;
      const verdict = await authenticator.verifyAccess(args.token);
      if (!verdict.ok) return this.#refuse(socket, id, verdict);
      const device = await authenticator.claimDevice(verdict.grant, args.device);
      const epoch = await this.#context.feeds.currentEpoch();
      if (socket.isOpen) this.#admit(socket, id, verdict.grant, device.deviceId, epoch);
    } finally {
      if (socket.session === AUTHENTICATING) socket.session = WAITING;
    }
  }

  /** As `authenticate`. */
  refresh(socket: Socket, session: LiveSession, id: string, args: OpArgs<'session.refresh'>): Promise<void> {
    const accept = (grant: Grant): Promise<void> => {
      socket.reply(id, { expiresAt: grant.expiresAt });
      return Promise.resolve();
    };
    return this.#renew(socket, session, args.token, accept, id);
  }

  /** Closes what was revoked, at once. */
  revoke(revoked: Revocation): void {
    const isNew = this.#remember(revoked);
    const user = this.#context.users.find(revoked.userId);
    if (user === undefined) return;
    if (isNew) user.deviceRows = null;
    for (const socket of [...user.sockets]) {
      if (socket.session.state === 'live' && concerns(revoked, socket.session))
        socket.close(CLOSE.revoked, 'revoked');
    }
  }

  /** False: it was known. */
  #remember(revoked: Revocation): boolean {
    const now = this.#context.clock.elapsed();
    const key = `${revoked.userId} ${revoked.deviceId} ${revoked.sessionId}`;
    const wasKnown = this.#revocations.delete(key);
    this.#revocations.set(key, { at: now, revoked });
    for (const [oldest, { at }] of this.#revocations) {
      if (now - at < REVOCATION_MEMORY_MS && this.#revocations.size <= REVOCATION_MEMORY) break;
      this.#revocations.delete(oldest);
    }
    return !wasKnown;
  }

  /** The user's sockets must start anew: what they were sent can no longer be trusted. */
  resync(userId: string): void {
    const sockets = this.#context.users.find(userId)?.sockets ?? [];
    for (const socket of [...sockets]) socket.close(CLOSE.resync, 'the view must be taken anew');
  }

  /** Deadlines of one socket at `elapsed`: to authenticate, to be told, to be closed. A session follows the calendar. */
  sweep(socket: Socket, elapsed: number): void {
    const { session } = socket;
    const { limits, clock } = this.#context;
    if (session.state === 'waiting') {
      if (elapsed - socket.openedAt >= limits.authTimeoutMs)
        socket.close(CLOSE.unauthenticated, 'authenticate within 5 s');
    } else if (session.state === 'authenticating') {
      if (elapsed - socket.openedAt >= limits.authWorkMs)
        socket.close(CLOSE.overloaded, 'authentication took too long');
    } else if (session.state === 'live') {
      const now = clock.now();
      if (now >= session.expiresAt) {
        socket.close(CLOSE.tokenExpired, 'the access token expired');
      } else if (!session.warned && now >= session.expiresAt - limits.expiringNoticeMs) {
        session.warned = true;
        const data = { expiresAt: session.expiresAt };
        socket.send(Buffer.from(JSON.stringify({ ch: 'session', kind: 'session.expiring', ts: now, data })));
      }
    }
  }

  /** The socket is gone. */
  left(session: LiveSession, socket: Socket): void {
    session.user.sockets.delete(socket);
    session.user.idleSince = this.#context.clock.elapsed();
  }

  #admit(socket: Socket, id: string, grant: Grant, deviceId: string, epoch: string): void {
    const { clock, limits, users } = this.#context;
    const user = users.of(grant.userId, clock.elapsed());
    const session: LiveSession = {
      state: 'live',
      user,
      deviceId,
      loginDeviceId: grant.deviceId,
      sessionId: grant.sessionId,
      scopes: grant.scopes,
      role: grant.role,
      expiresAt: grant.expiresAt,
      warned: false,
    };
    if (this.#wasRevoked(session)) {
      this.#refuse(socket, id, { ok: false, reason: 'revoked' });
      return;
    }
    if (user.sockets.size >= limits.connectionsPerUser) {
      const details = {
        limit: 'connectionsPerUser',
        actual: String(user.sockets.size + 1),
        allowed: String(limits.connectionsPerUser),
        retryAfterMs: CONNECTION_RETRY_MS,
      };
      const message = `a user may have ${limits.connectionsPerUser} connections; close another one first`;
      socket.refuse(id, wireError('rate_limited', message, details));
      socket.close(CLOSE.connectionLimit, 'connection limit of the user');
      return;
    }
    if (user.sockets.size === 0) this.#openDesk(grant.userId);
    if (user.deviceRows?.every((row) => row.deviceId !== deviceId)) user.deviceRows = null;
    user.sockets.add(socket);
    socket.session = session;
    socket.reply(id, this.#welcomeResult(session, grant, epoch));
    const trouble = this.#context.deskHealth.trouble(grant.userId);
    if (trouble !== null) socket.send(this.#troublePush(trouble));
  }

  #troublePush(trouble: DeskTrouble | null): Buffer {
    const ts = this.#context.clock.now();
    const push: Push =
      trouble === null
        ? { ch: 'session', kind: 'desk.recovered', ts, data: {} }
        : { ch: 'session', kind: 'desk.trouble', ts, data: trouble };
    return Buffer.from(JSON.stringify(push));
  }

  async #welcome(socket: Socket, id: string, grant: Grant): Promise<void> {
    const epoch = await this.#context.feeds.currentEpoch();
    const { session } = socket;
    if (session.state === 'live') socket.reply(id, this.#welcomeResult(session, grant, epoch));
  }

  #welcomeResult(session: LiveSession, grant: Grant, epoch: string): object {
    return {
      userId: grant.userId,
      sessionId: grant.sessionId,
      deviceId: session.deviceId,
      role: grant.role,
      scopes: grant.scopes,
      expiresAt: grant.expiresAt,
      serverTime: this.#context.clock.now(),
      viewVersion: VIEW_VERSION,
      epoch,
      limits: publicLimits(this.#context.limits),
    };
  }

  /** A new token on a live socket: of the same user only. */
  async #renew(
    socket: Socket,
    session: LiveSession,
    token: string,
    accept: (grant: Grant) => Promise<void>,
    id: string,
  ): Promise<void> {
    const verdict = await this.#context.authenticator.verifyAccess(token);
    if (socket.session !== session) return;
    if (!verdict.ok) {
      // The socket lives on under its old token: a refresh that failed may be tried again until that ends.
      const { message } = REFUSALS[verdict.reason];
      socket.refuse(id, wireError('unauthenticated', message, { reason: verdict.reason }));
      return;
    }
    if (verdict.grant.userId !== session.user.userId) {
      socket.refuse(
        id,
        wireError('forbidden', 'this socket belongs to another user; open a new one', {
          needs: 'own_socket',
        }),
      );
      socket.close(CLOSE.protocolViolation, 'a second user on one socket');
      return;
    }
    session.expiresAt = verdict.grant.expiresAt;
    session.sessionId = verdict.grant.sessionId;
    session.loginDeviceId = verdict.grant.deviceId;
    session.scopes = verdict.grant.scopes;
    session.role = verdict.grant.role;
    session.warned = false;
    if (this.#wasRevoked(session)) {
      this.#refuse(socket, id, { ok: false, reason: 'revoked' });
      return;
    }
    await accept(verdict.grant);
  }

  /** Ended while its token was being checked. */
  #wasRevoked(session: LiveSession): boolean {
    return [...this.#revocations.values()].some(({ revoked }) => concerns(revoked, session));
  }

  #refuse(socket: Socket, id: string, verdict: Extract<AccessVerdict, { ok: false }>): void {
    const { message, close } = REFUSALS[verdict.reason];
    socket.refuse(id, wireError('unauthenticated', message, { reason: verdict.reason }));
    socket.close(close, verdict.reason);
  }

  /** A user's desk exists from registration on; this mends one whose opening failed then. */
  #openDesk(userId: string): void {
    this.#context.commands.open(userId).catch((error: unknown) => {
      this.#context.logger.warn({ userId, error }, 'the desk could not be opened');
    });
  }
}

function concerns(revoked: Revocation, session: LiveSession): boolean {
  const { userId, deviceId, sessionId } = revoked;
  if (userId !== session.user.userId) return false;
  const ofDevice = deviceId === null || deviceId === session.deviceId || deviceId === session.loginDeviceId;
  return ofDevice && (sessionId === null || sessionId === session.sessionId);
}
