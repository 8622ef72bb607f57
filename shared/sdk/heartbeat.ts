import type { SdkClock } from './clock.ts';
import { SDK_LIMITS } from './limits.ts';
import type { ServerClock } from './serverClock.ts';
import type { SocketSession } from './socketSession.ts';

/** Watches that the server is heard of: pings when it is quiet, tells staleness, gives a dead socket up. */
export class Heartbeat {
  readonly #clock: SdkClock;
  readonly #serverClock: ServerClock;
  readonly #onStale: (stale: boolean) => void;
  #session: SocketSession | undefined;
  #cancelTimer: (() => void) | undefined;
  #pinging = false;
  #sampledAt = 0;
  #stale = false;
  /** Device time since which the platform doubts the network; nothing heard since then counts as current. */
  #doubtedAt: number | undefined;
  #cancelDoubt: (() => void) | undefined;

  constructor(clock: SdkClock, serverClock: ServerClock, onStale: (stale: boolean) => void) {
    this.#clock = clock;
    this.#serverClock = serverClock;
    this.#onStale = onStale;
  }

  attach(session: SocketSession): void {
    this.detach();
    this.#session = session;
    this.#sampledAt = this.#clock.now();
    this.#next();
  }

  detach(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#session = undefined;
    this.#pinging = false;
    this.#stale = false;
    this.#trust();
  }

  /** The network may be gone: asks at once; `aloud`: what is shown counts as stale until something is heard. */
  doubt(aloud: boolean): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#trust();
    const askedAt = this.#clock.now();
    this.#pinging = false;
    this.#ping(session);
    this.#cancelDoubt = this.#clock.after(SDK_LIMITS.doubtMs, () => {
      this.#trust();
      if (session === this.#session && session.lastHeardAt <= askedAt)
        session.abandon('the network was lost, and the server does not answer');
    });
    if (!aloud && askedAt - session.lastHeardAt < SDK_LIMITS.pingAfterIdleMs) return;
    this.#doubtedAt = askedAt;
    this.#judge(session);
  }

  #trust(): void {
    this.#cancelDoubt?.();
    this.#cancelDoubt = undefined;
    this.#doubtedAt = undefined;
  }

  #next(): void {
    this.#cancelTimer = this.#clock.after(SDK_LIMITS.heartbeatMs, () => this.#check());
  }

  #check(): void {
    const session = this.#session;
    if (session === undefined) return;
    const now = this.#clock.now();
    const quietMs = now - session.lastHeardAt;
    if (quietMs >= SDK_LIMITS.deadAfterMs) {
      session.abandon(`nothing heard for ${Math.round(quietMs / 1_000)} s`);
      return;
    }
    const pingDue =
      quietMs >= SDK_LIMITS.pingAfterIdleMs || now - this.#sampledAt >= SDK_LIMITS.clockSampleEveryMs;
    if (pingDue && !this.#pinging) this.#ping(session);
    this.#judge(session);
    this.#next();
  }

  #judge(session: SocketSession): void {
    const isDoubted = this.#doubtedAt !== undefined && session.lastHeardAt <= this.#doubtedAt;
    const stale = isDoubted || this.#clock.now() - session.lastHeardAt >= SDK_LIMITS.staleAfterMs;
    if (stale === this.#stale) return;
    this.#stale = stale;
    this.#onStale(stale);
  }

  #ping(session: SocketSession): void {
    this.#pinging = true;
    const sentAt = this.#clock.now();
    session
      .call('ping', {})
      .then(({ serverTime }) => {
        this.#sampledAt = this.#clock.now();
        this.#serverClock.record(sentAt, this.#sampledAt, serverTime);
        if (this.#session !== session) return;
        this.#trust();
        this.#judge(session);
      })
      // Not answered or refused: silence is judged by the time since anything was heard.
      .catch(() => {})
      .finally(() => {
        if (this.#session === session) this.#pinging = false;
      });
  }
}
