import type { SdkClock } from './clock.ts';
import { SDK_LIMITS } from './limits.ts';
import type { ServerClock } from './serverClock.ts';
import type { SocketSession } from './socketSession.ts';

/** Watches that the server is heard of: pings when it is quiet, tells staleness, gives a dead socket up. */
export class Heartbeat {
  private session: SocketSession | undefined;
  private cancelTimer: (() => void) | undefined;
  private pinging = false;
  private sampledAt = 0;
  private stale = false;

  constructor(
    private readonly clock: SdkClock,
    private readonly serverClock: ServerClock,
    private readonly onStale: (stale: boolean) => void,
  ) {}

  attach(session: SocketSession): void {
    this.detach();
    this.session = session;
    this.sampledAt = this.clock.now();
    this.next();
  }

  detach(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.session = undefined;
    this.pinging = false;
    this.stale = false;
  }

  private next(): void {
    this.cancelTimer = this.clock.after(SDK_LIMITS.heartbeatMs, () => this.check());
  }

  private check(): void {
    const session = this.session;
    if (session === undefined) return;
    const now = this.clock.now();
    const quietMs = now - session.lastHeardAt;
    if (quietMs >= SDK_LIMITS.deadAfterMs) {
      session.abandon(`nothing heard for ${Math.round(quietMs / 1_000)} s`);
      return;
    }
    const pingDue =
      quietMs >= SDK_LIMITS.pingAfterIdleMs || now - this.sampledAt >= SDK_LIMITS.clockSampleEveryMs;
    if (pingDue && !this.pinging) this.ping(session);
    const stale = quietMs >= SDK_LIMITS.staleAfterMs;
    if (stale !== this.stale) {
      this.stale = stale;
      this.onStale(stale);
    }
    this.next();
  }

  private ping(session: SocketSession): void {
    this.pinging = true;
    const sentAt = this.clock.now();
    session
      .call('ping', {})
      .then(({ serverTime }) => {
        this.sampledAt = this.clock.now();
        this.serverClock.record(sentAt, this.sampledAt, serverTime);
      })
      // Not answered or refused: silence is judged by the time since anything was heard.
      .catch(() => {})
      .finally(() => {
        if (this.session === session) this.pinging = false;
      });
  }
}
