import type { DeskFrame } from '../protocol/frames.ts';
import type { DeviceInput, OpArgsInput, OpName, OpResult } from '../protocol/ops.ts';
import type { Position, Push } from '../protocol/serverMessage.ts';
import type { View } from '../view/view.ts';
import type { SdkClock } from './clock.ts';
import type { TokenSource } from './tokens.ts';
import type { WebSocketFactory } from './webSocket.ts';

export interface ClientOptions {
  /** The server's http(s) origin, e.g. `location.origin`. */
  url: string;
  device: DeviceInput;
  tokens: TokenSource;
  /** Default: `globalThis.WebSocket`. Node 20 programs pass `nodeWebSocket`. */
  webSocket?: WebSocketFactory;
  clock?: SdkClock;
  /** Uniform in [0, 1); jitter only. */
  random?: () => number;
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
  reason: string | null;
  /** Device time of the next attempt, ms since 1970; null: none is planned. */
  retryAt: number | null;
}

export interface RequestOptions {
  /** Commands only; default: a new one. Give the same again to repeat a command safely. */
  commandId?: string;
  expectedVersion?: number;
  /** Exposure commands only: how long the command may wait, ms. */
  validForMs?: number;
  /** How long to wait for the reply, ms. */
  timeoutMs?: number;
}

export type SubscribableChannel =
  | 'pnl'
  | 'devices'
  | `ticker:${string}`
  | `candles:${string}`
  | `log:${string}`;
/** What `onView` tells: the frames just folded, in order, or that the whole view was replaced. */
export interface ViewChange {
  frames: DeskFrame[] | 'snapshot';
}

export interface FillwireClient {
  /** The folded desk. One object for the life of the client, changed in place; `onView` tells when. */
  readonly view: View;
  readonly status: ConnectionStatus;
  /** How far `view` is folded; undefined before the first join. */
  readonly position: Position | undefined;
  /** Connects and stays connected. Idempotent. */
  connect(): void;
  /** Disconnects for good (until `connect`); outstanding requests are rejected. */
  close(): void;
  /** Sends one op and resolves with its result. Rejects with a FillwireError. */
  request<O extends OpName>(op: O, args: OpArgsInput<O>, options?: RequestOptions): Promise<OpResult<O>>;
  /** Called once per received batch, after the view changed. Returns how to stop. */
  onView(listener: (change: ViewChange) => void): () => void;
  onStatus(listener: (status: ConnectionStatus) => void): () => void;
  /** Joins a channel while at least one listener wants it, also after reconnects. Returns how to stop. */
  subscribe(
    channel: SubscribableChannel,
    listener: (push: Push) => void,
    options?: { intervalMs?: number },
  ): () => void;
  /** SHA-256 of the view at `position`, hex; equal to the server's at the same position. */
  hash(): string;
  /** Now on the server's clock, ms since 1970. */
  serverNow(): number;
}

export declare function createClient(options: ClientOptions): FillwireClient;
