import { CLOSE } from '../protocol/closeCodes.ts';
import type { DeviceInput } from '../protocol/device.ts';
import type { OpResult } from '../protocol/ops.ts';
import type { Push, Reply } from '../protocol/serverMessage.ts';
import { VIEW_VERSION } from '../protocol/version.ts';
import type { SdkClock } from './clock.ts';
import { FillwireError } from './fillwireError.ts';
import { SDK_LIMITS } from './limits.ts';
import { ReadyWatch } from './readyWatch.ts';
import { afterClose, fullJitterMs } from './reconnectPolicy.ts';
import type { ServerClock } from './serverClock.ts';
import { ABNORMAL_CLOSE, SocketSession } from './socketSession.ts';
import { TokenKeeper } from './tokenKeeper.ts';
import type { TokenSource } from './tokens.ts';
import type { WebSocketFactory } from './webSocket.ts';

export interface ConnectionOptions {
  /** ws(s) address. */
  url: string;
  factory: WebSocketFactory;
  tokens: TokenSource;
  /** A function is asked at each connection: the server may name the device anew at a login. */
  device: DeviceInput | (() => DeviceInput);
  clock: SdkClock;
  random: () => number;
  serverClock: ServerClock;
  /** Whether the server is ready; absent: the backoff alone says when to come back. */
  isReady?: (() => Promise<boolean>) | undefined;
}

export type AuthenticatedSession = OpResult<'session.authenticate'>;

export interface ConnectionHandlers {
  onConnecting(): void;
  /** Authenticated: everything else may be sent. */
  onReady(session: SocketSession, authenticated: AuthenticatedSession): void;
  /** A session that was ready is gone. */
  onLost(): void;
  onPush(push: Push): void;
  onReply(reply: Reply): void;
  /** Not connected. `retryAt`: device time of the next attempt; null: none by itself. */
  onDown(state: 'offline' | 'logged_out', reason: string | null, retryAt: number | null): void;
}

/** Opens sockets, proves who we are, keeps the token fresh, and comes back after a close as its code allows. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #handlers: ConnectionHandlers;
  #wanted = false;
  #session: SocketSession | undefined;
  readonly #tokenKeeper: TokenKeeper;
  readonly #readyWatch: ReadyWatch;
  /** Counts attempts, so that answers to an older one are told apart. */
  #generation = 0;
  #attempt = 0;
  #readyAt: number | undefined;
  #refreshFirst = false;
  /** A token was refused since the last success: the next refusal is final. */
  #refusedOnce = false;
  #restartDelayMs: number | undefined;
  #cancelTimer: (() => void) | undefined;
  #waiting = false;

  constructor(options: ConnectionOptions, handlers: ConnectionHandlers) {
    this.#options = options;
    this.#handlers = handlers;

    this.#tokenKeeper = new TokenKeeper(options, () => this.#session, {
      loggedOut: (reason) => this.#end('logged_out', reason),
      refused: (error) => this.#session?.abandon(error.message, closeCodeFor(error)),
    });
    this.#readyWatch = new ReadyWatch(options, () => this.#start());
  }

  get isWanted(): boolean {
    return this.#wanted;
  }

  /** Connects now, also when the next attempt was planned for later. */
  connect(): void {
    if (this.#wanted && !this.#waiting) return;
    if (!this.#wanted) {
      this.#wanted = true;
      this.#attempt = 0;
      this.#refusedOnce = false;
      this.#restartDelayMs = undefined;
    }
    this.#start();
  }

  close(): void {
    this.#end('offline', null);
  }

  #start(): void {
    this.#stopTimer();
    this.#generation += 1;
    const generation = this.#generation;
    this.#handlers.onConnecting();
    this.#cancelTimer = this.#options.clock.after(SDK_LIMITS.connectTimeoutMs, () => {
      const reason = `no connection in ${SDK_LIMITS.connectTimeoutMs} ms`;
      if (this.#session !== undefined) this.#session.abandon(reason);
      else this.#closed(ABNORMAL_CLOSE, reason);
    });
    this.#tokenKeeper.obtain(this.#refreshFirst).then(
      (token) => {
        if (generation === this.#generation) this.#open(token);
      },
      (error: unknown) => {
        if (generation !== this.#generation) return;
        if (isUnauthenticated(error)) this.#end('logged_out', error.message);
        else this.#closed(ABNORMAL_CLOSE, error instanceof Error ? error.message : 'no token could be had');
      },
    );
  }

  #open(token: string): void {
    this.#refreshFirst = false;
    const { url, factory, clock } = this.#options;
    try {
      const session: SocketSession = new SocketSession(url, factory, clock, {
        onOpen: () => this.#authenticate(session, token),
        onPush: (push) => this.#takePush(push),
        onReply: (reply) => this.#handlers.onReply(reply),
        onClose: (code, reason) => this.#closed(code, reason),
      });
      this.#session = session;
    } catch (error) {
      // Not the network: an address or a platform that no second attempt mends.
      this.#end('offline', error instanceof Error ? error.message : 'no WebSocket could be made');
    }
  }

  #authenticate(session: SocketSession, token: string): void {
    const { clock, device, serverClock } = this.#options;
    const sentAt = clock.now();
    const named = typeof device === 'function' ? device() : device;
    session.call('session.authenticate', { token, device: named, viewVersion: VIEW_VERSION }).then(
      (authenticated) => {
        if (session.isClosed) return;
        this.#stopTimer();
        this.#refusedOnce = false;
        this.#restartDelayMs = undefined;
        this.#readyAt = clock.now();
        this.#readyWatch.forget();
        serverClock.record(sentAt, this.#readyAt, authenticated.serverTime);
        this.#tokenKeeper.expiresAt(authenticated.expiresAt);
        this.#handlers.onReady(session, authenticated);
      },
      (error: FillwireError) => session.abandon(error.message, closeCodeFor(error)),
    );
  }

  #takePush(push: Push): void {
    if (push.kind === 'session.expiring') this.#tokenKeeper.expiring(push.data.expiresAt);
    else if (push.kind === 'server.restarting') {
      this.#restartDelayMs = Math.min(SDK_LIMITS.restartMaxDelayMs, Math.max(0, push.data.reconnectAfterMs));
    } else this.#handlers.onPush(push);
  }

  /** The attempt or connection ended without our asking for it. */
  #closed(code: number, reason: string): void {
    const { clock, random } = this.#options;
    const wasStable = this.#readyAt !== undefined && clock.now() - this.#readyAt >= SDK_LIMITS.stableAfterMs;
    if (wasStable) this.#attempt = 0;
    this.#reset();
    const next = afterClose(code);
    switch (next.action) {
      case 'logged_out':
        this.#end('logged_out', reason || 'the session was ended');
        return;
      case 'stop':
        this.#end('offline', reason || `the server closed with code ${code}`);
        return;
      case 'reauthenticate':
        if (this.#refusedOnce) {
          this.#end('logged_out', reason || 'the credentials were refused');
          return;
        }
        this.#refusedOnce = true;
        this.#refreshFirst = true;
        this.#retryIn(0, reason);
        return;
      case 'refresh':
        this.#refreshFirst = true;
        // At once, unless tokens expire as fast as they come.
        this.#retryIn(this.#attempt === 0 ? 0 : fullJitterMs(this.#attempt, random), reason);
        this.#attempt += 1;
        return;
      case 'retry': {
        const jitterMs = fullJitterMs(this.#attempt, random);
        this.#attempt += 1;
        const { spread, minDelayMs = 0 } = next;
        if (spread !== undefined) {
          this.#retryIn(Math.floor(spread.fromMs + random() * (spread.toMs - spread.fromMs)), reason);
        } else {
          this.#retryIn((this.#restartDelayMs ?? minDelayMs) + jitterMs, reason);
          this.#restartDelayMs = undefined;
          // One that asked for air is not asked anything.
          if (minDelayMs === 0) this.#readyWatch.begin();
        }
      }
    }
  }

  #retryIn(delayMs: number, reason: string): void {
    const { clock } = this.#options;
    this.#waiting = true;
    this.#cancelTimer = clock.after(delayMs, () => this.#start());
    this.#handlers.onDown('offline', reason || null, clock.now() + delayMs);
  }

  #end(state: 'offline' | 'logged_out', reason: string | null): void {
    if (!this.#wanted) return;
    this.#wanted = false;
    const session = this.#session;
    this.#reset();
    session?.dispose();
    this.#refreshFirst = false;
    this.#handlers.onDown(state, reason, null);
  }

  /** Back to no socket, no timer, no attempt. */
  #reset(): void {
    const wasReady = this.#readyAt !== undefined;
    this.#generation += 1;
    this.#readyAt = undefined;
    this.#session = undefined;
    this.#stopTimer();
    this.#tokenKeeper.stop();
    if (wasReady) this.#handlers.onLost();
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#waiting = false;
    this.#readyWatch.stop();
  }
}

/** A refused session call counts like the close that the server would answer it with. */
function closeCodeFor(error: FillwireError): number {
  if (error.code === 'unauthenticated') return CLOSE.unauthenticated;
  return error.retryable || error.code === 'internal' ? ABNORMAL_CLOSE : CLOSE.protocolViolation;
}

function isUnauthenticated(error: unknown): error is FillwireError {
  return error instanceof FillwireError && error.code === 'unauthenticated';
}
