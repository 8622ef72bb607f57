import type { DeviceInput } from '../protocol/device.ts';
import { unavailable, wireError } from '../protocol/errors.ts';
import type { DeskFrame } from '../protocol/frames.ts';
import type { OpArgsInput, OpName, OpResult } from '../protocol/ops.ts';
import type { Degradation, DeskTrouble, LogPosition, Push } from '../protocol/serverMessage.ts';
import { VIEW_VERSION } from '../protocol/version.ts';
import type { View } from '../view/view.ts';
import { Channels, type SubscribableChannel, type SubscribeOptions } from './channels.ts';
import { type SdkClock, systemClock } from './clock.ts';
import { type AuthenticatedSession, Connection } from './connection.ts';
import { DeskSync } from './deskSync.ts';
import { FillwireError } from './fillwireError.ts';
import { Heartbeat } from './heartbeat.ts';
import { Listeners } from './listeners.ts';
import { type RequestOptions, Requests } from './requests.ts';
import { ServerClock } from './serverClock.ts';
import type { SocketSession } from './socketSession.ts';
import type { TokenSource } from './tokens.ts';
import { platformWebSocket, type WebSocketFactory } from './webSocket.ts';

export interface ClientOptions {
  /** The server's http(s) origin, e.g. `location.origin`. */
  url: string;
  /** A function is asked at each connection: the server may name the device anew at a login. */
  device: DeviceInput | (() => DeviceInput);
  tokens: TokenSource;
  /** Default: `globalThis.WebSocket`. Node 20 programs pass `nodeWebSocket`. */
  webSocket?: WebSocketFactory;
  clock?: SdkClock;
  /** Uniform in [0, 1); jitter only. */
  random?: () => number;
  /** Whether the server is ready: while it is away it is asked each second, and once it is back the client is too. */
  isReady?: () => Promise<boolean>;
}

/**
 * - `offline`: not connected; `retryAt` says when it tries again, null: not by itself
 * - `connecting`: socket opening or authenticating
 * - `resuming`: catching up with the desk
 * - `live`: the view is current
 * - `stale`: connected, but nothing was heard for too long; what is shown may be old
 * - `logged_out`: needs new credentials, then `connect()`
 */
export interface ConnectionStatus {
  state: 'offline' | 'connecting' | 'resuming' | 'live' | 'stale' | 'logged_out';
  /** Device time of the last change of `state`, ms since 1970. */
  since: number;
  /** Age of the newest desk frame when it arrived, on the server's clock, ms; null: none yet. */
  lagMs: number | null;
  /** Device time up to which the view is known to have been current, ms since 1970; null: it is, or never was. */
  asOf: number | null;
  reason: string | null;
  /** Device time of the next attempt, ms since 1970; null: none is planned. */
  retryAt: number | null;
  /** The server can store nothing now: commands are refused, entries wait, stops rest; null: it can, as far as told. */
  degraded: Degradation | null;
  /** A fault of the server keeps this desk from being served; null: none, as far as told. */
  trouble: DeskTrouble | null;
}
export type { RequestOptions, SubscribableChannel };

/** What `onView` tells: the frames just folded, in order, or that the whole view was replaced. */
export interface ViewChange {
  frames: DeskFrame[] | 'snapshot';
}

export interface FillwireClient {
  /** The folded desk. One object for the life of the client, changed in place; `onView` tells when. */
  readonly view: View;
  readonly status: ConnectionStatus;
  /** What the server said at the last authentication: who we are, limits, its viewVersion (a newer one: reload). */
  readonly session: AuthenticatedSession | undefined;
  /** How far `view` is folded; undefined before the first join. */
  readonly position: LogPosition | undefined;
  /** Connects and stays connected. Idempotent; while waiting for the next attempt (`retryAt`) it tries at once. */
  connect(): void;
  /** Disconnects for good (until `connect`); outstanding requests are rejected. */
  close(): void;
  /** The platform says that there is no network: `stale` at once, until the server is heard. */
  networkLost(): void;
  /** The network is there again, or the program goes on after a pause: the server is asked, or connected to, at once. */
  networkBack(): void;
  /** Sends one op and resolves with its result. Rejects with a FillwireError. */
  request<O extends OpName>(op: O, args: OpArgsInput<O>, options?: RequestOptions): Promise<OpResult<O>>;
  /** Called once per received batch, after the view changed. Returns how to stop. */
  onView(listener: (change: ViewChange) => void): () => void;
  onStatus(listener: (status: ConnectionStatus) => void): () => void;
  /** Joins a channel while at least one listener wants it, also after reconnects. Returns how to stop. */
  subscribe(
    channel: SubscribableChannel,
    listener: (push: Push) => void,
    options?: SubscribeOptions,
  ): () => void;
  /** SHA-256 of the view at `position`, hex; equal to the server's at the same position. */
  hash(): string;
  /** Now on the server's clock, ms since 1970. */
  serverNow(): number;
}

export function createClient(options: ClientOptions): FillwireClient {
  return new Client(options);
}

const WS_PATH = '/ws';

function socketAddress(url: string): string {
  const address = new URL(WS_PATH, url);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return address.href;
}

const loggedOut = (message: string) => wireError('unauthenticated', message, { reason: 'missing' });

class Client implements FillwireClient {
  readonly #clock: SdkClock;
  readonly #serverClock: ServerClock;
  readonly #connection: Connection;
  readonly #desk: DeskSync;
  readonly #channels: Channels;
  readonly #requests: Requests;
  readonly #heartbeat: Heartbeat;
  readonly #viewListeners = new Listeners<ViewChange>();
  readonly #statusListeners = new Listeners<ConnectionStatus>();
  #authenticated: AuthenticatedSession | undefined;
  #joined = false;
  #socket: SocketSession | undefined;
  #current: ConnectionStatus;

  constructor(options: ClientOptions) {
    const { device, tokens, webSocket: factory = platformWebSocket, random = Math.random, isReady } = options;
    const clock = options.clock ?? systemClock;
    const serverClock = new ServerClock(clock);
    this.#clock = clock;
    this.#serverClock = serverClock;
    this.#current = {
      state: 'offline',
      since: clock.now(),
      lagMs: null,
      asOf: null,
      reason: null,
      retryAt: null,
      degraded: null,
      trouble: null,
    };
    this.#requests = new Requests(clock, serverClock);
    this.#channels = new Channels(clock);
    this.#heartbeat = new Heartbeat(clock, serverClock, (stale) => this.#onStale(stale));
    this.#desk = new DeskSync(clock, {
      onChange: (frames) => this.#viewListeners.emit({ frames }),
      onLag: (lagMs) => this.#setStatus({ lagMs }),
      onLive: () => this.#onJoined(true, null),
      onResuming: (reason) => this.#onJoined(false, reason),
    });
    const url = socketAddress(options.url);
    this.#connection = new Connection(
      { url, factory, tokens, device, clock, random, serverClock, isReady },
      {
        // What is still so is told anew to each socket.
        onConnecting: () =>
          this.#setStatus({
            state: 'connecting',
            reason: null,
            retryAt: null,
            degraded: null,
            trouble: null,
          }),
        onReady: (session, authenticated) => this.#onReady(session, authenticated),
        onLost: () => this.#onLost(),
        onPush: (push) => this.#onPush(push),
        onReply: (reply) => this.#requests.takeReply(reply),
        onDown: (state, reason, retryAt) => this.#onDown(state, reason, retryAt),
      },
    );
  }

  get view(): View {
    return this.#desk.fold.view;
  }

  get status(): ConnectionStatus {
    return this.#current;
  }

  get session(): AuthenticatedSession | undefined {
    return this.#authenticated;
  }

  get position(): LogPosition | undefined {
    return this.#desk.fold.position;
  }

  connect(): void {
    this.#connection.connect();
  }

  close(): void {
    this.#connection.close();
  }

  networkLost(): void {
    this.#heartbeat.doubt(true);
  }

  networkBack(): void {
    this.#heartbeat.doubt(false);
    if (this.#connection.isWanted) this.#connection.connect();
  }

  request<O extends OpName>(op: O, args: OpArgsInput<O>, options: RequestOptions = {}): Promise<OpResult<O>> {
    if (this.#connection.isWanted) return this.#requests.add(op, args, options);
    const error =
      this.#current.state === 'logged_out'
        ? loggedOut('logged out')
        : unavailable(this.#current.reason ?? 'not connected: call connect() first');
    return Promise.reject(new FillwireError(error));
  }

  onView(listener: (change: ViewChange) => void): () => void {
    return this.#viewListeners.add(listener);
  }

  onStatus(listener: (status: ConnectionStatus) => void): () => void {
    return this.#statusListeners.add(listener);
  }

  subscribe(
    channel: SubscribableChannel,
    listener: (push: Push) => void,
    options: SubscribeOptions = {},
  ): () => void {
    return this.#channels.subscribe(channel, listener, options);
  }

  hash(): string {
    return this.#desk.fold.hash();
  }

  serverNow(): number {
    return this.#serverClock.now();
  }

  #onReady(session: SocketSession, authenticated: AuthenticatedSession): void {
    this.#authenticated = authenticated;
    this.#socket = session;
    this.#heartbeat.attach(session);
    this.#desk.attach(session, authenticated.viewVersion === VIEW_VERSION);
    this.#requests.attach((text) => session.send(text));
    this.#channels.attach(session);
  }

  #onLost(): void {
    this.#joined = false;
    this.#heartbeat.detach();
    this.#desk.detach();
    this.#requests.detach();
    this.#channels.detach();
  }

  #onPush(push: Push): void {
    if (push.kind === 'server.degraded') this.#setStatus({ degraded: push.data });
    else if (push.kind === 'server.recovered') this.#setStatus({ degraded: null });
    else if (push.kind === 'desk.trouble') this.#setStatus({ trouble: push.data });
    else if (push.kind === 'desk.recovered') this.#setStatus({ trouble: null });
    else if (push.ch !== 'desk') this.#channels.takePush(push);
    else if (push.kind === 'head') this.#desk.takeHead(push);
    else this.#desk.takeFrame(push, this.#serverClock.now());
  }

  #onJoined(joined: boolean, reason: string | null): void {
    this.#joined = joined;
    this.#setStatus({ state: joined ? 'live' : 'resuming', reason });
  }

  #onStale(stale: boolean): void {
    if (stale) this.#setStatus({ state: 'stale', reason: 'nothing was heard from the server for a while' });
    else this.#onJoined(this.#joined, null);
  }

  #onDown(state: 'offline' | 'logged_out', reason: string | null, retryAt: number | null): void {
    this.#setStatus({ state, reason, retryAt });
    if (retryAt !== null) return;
    if (state === 'logged_out') this.#requests.failAll(loggedOut(reason ?? 'logged out'));
    else this.#requests.failAll(unavailable(reason ?? 'the client was closed'));
  }

  #setStatus(change: Partial<ConnectionStatus>): void {
    const before = this.#current;
    const next = { ...before, ...change };
    if (next.state !== before.state) next.since = this.#clock.now();
    if (next.state === 'live') next.asOf = null;
    else if (before.state === 'live') next.asOf = this.#socket?.lastHeardAt ?? next.since;
    const same = (Object.keys(next) as (keyof ConnectionStatus)[]).every((key) => next[key] === before[key]);
    if (same) return;
    this.#current = next;
    this.#statusListeners.emit(next);
  }
}
