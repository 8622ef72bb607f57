import type { Device } from '../../shared/protocol/device.ts';
import type { Authenticator } from '../ports/authenticator.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeviceRow } from '../ports/identityStore.ts';
import type { Logger } from '../ports/logger.ts';
import type { DeskFeed } from './deskFeed.ts';
import type { DeskFeeds } from './deskFeeds.ts';
import type { GatewayLimits } from './limits.ts';
import type { LiveSession, Socket } from './socket.ts';
import type { UserPresence, Users } from './users.ts';

export interface DeviceReportContext {
  clock: Clock;
  logger: Logger;
  limits: GatewayLimits;
  authenticator: Authenticator;
  feeds: DeskFeeds;
  users: Users;
}

/** A device that connected to another process shows here after this at the latest. */
const ROWS_MAX_AGE_MS = 30_000;

/** Measures how far each device has acknowledged, and tells the user's other devices. */
export class DeviceReports {
  readonly #context: DeviceReportContext;

  constructor(context: DeviceReportContext) {
    this.#context = context;
  }

  /** Everything up to `seq` arrived at this socket. Cumulative; an older one changes nothing. */
  ack(socket: Socket, session: LiveSession, seq: number): void {
    const feed = this.#context.feeds.loaded(session.user.userId);
    if (feed === undefined || !socket.isIn('desk')) return;
    const now = this.#context.clock.now();
    // A client may not claim what it was never sent.
    const upTo = Math.min(seq, feed.seq);
    const fill = feed.marks.newest(socket.ackedSeq, upTo);
    if (fill !== undefined) {
      const sentAt = fill.seq <= socket.joinedSeq ? Math.max(fill.sentAt, socket.joinedAt) : fill.sentAt;
      const measure = session.user.measure(session.deviceId);
      measure.lagMs = now - sentAt;
      measure.lastDelivery = { ...fill, sentAt, ackedAt: now };
    } else if (upTo >= feed.seq && feed.headSentAt > Math.max(socket.ackedAt, socket.joinedAt)) {
      session.user.measure(session.deviceId).lagMs = now - feed.headSentAt;
    }
    socket.ackedAt = now;
    if (upTo > socket.ackedSeq) socket.ackedSeq = upTo;
    if (socket.ackedSeq >= socket.watchSeq) watch(socket, feed, this.#context.clock.elapsed());
  }

  /** Moves on the mark that each socket must reach in time. */
  observe(): void {
    const now = this.#context.clock.elapsed();
    for (const user of this.#context.users.all()) {
      const feed = this.#context.feeds.loaded(user.userId);
      if (feed === undefined) continue;
      for (const socket of user.sockets) if (socket.ackedSeq >= socket.watchSeq) watch(socket, feed, now);
    }
  }

  /** Sends the devices of every user who watches them, where something changed. Once a second at most. */
  report(): void {
    for (const user of this.#context.users.all()) {
      if (!user.channels.has('devices')) continue;
      this.#send(user).catch((error: unknown) => {
        this.#context.logger.warn({ userId: user.userId, error }, 'the devices could not be read');
      });
    }
  }

  async list(user: UserPresence): Promise<Device[]> {
    const now = this.#context.clock.elapsed();
    if (user.deviceRows === null || now - user.deviceRowsAt >= ROWS_MAX_AGE_MS) {
      user.deviceRowsAt = now;
      user.deviceRows = await this.#context.authenticator.listDevices(user.userId);
    }
    return user.deviceRows.map((row) => this.#describe(user, row));
  }

  async #send(user: UserPresence): Promise<void> {
    const data = await this.list(user);
    const text = JSON.stringify(data);
    if (text === user.devicesSent) return;
    user.devicesSent = text;
    const ts = this.#context.clock.now();
    user.channels.give('devices', Buffer.from(`{"ch":"devices","kind":"devices","ts":${ts},"data":${text}}`));
  }

  #describe(user: UserPresence, row: DeviceRow): Device {
    const sockets = [...user.sockets].filter(
      ({ session }) => session.state === 'live' && session.deviceId === row.deviceId,
    );
    const onDesk = sockets.filter((socket) => socket.isIn('desk'));
    const acked = onDesk.map((socket) => socket.ackedSeq);
    const furthestBehind = acked.length === 0 ? -1 : Math.min(...acked);
    const measure = user.measures.get(row.deviceId);
    return {
      deviceId: row.deviceId,
      name: row.name,
      kind: row.kind,
      connected: sockets.length > 0,
      sockets: sockets.length,
      ackedSeq: furthestBehind < 0 ? null : furthestBehind,
      lagMs: measure?.lagMs ?? null,
      stale: onDesk.some((socket) => this.#isStale(socket)),
      lastSeenAt: row.lastSeenAt,
      createdAt: row.createdAt,
      lastDelivery: measure?.lastDelivery ?? null,
    };
  }

  #isStale(socket: Socket): boolean {
    const { clock, limits } = this.#context;
    return socket.ackedSeq < socket.watchSeq && clock.elapsed() - socket.watchedAt > limits.staleAfterMs;
  }
}

/** From now on the socket is measured by the present head. */
function watch(socket: Socket, feed: DeskFeed, now: number): void {
  socket.watchSeq = feed.seq;
  socket.watchedAt = now;
}
