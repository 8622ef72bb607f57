import type { WebSocket } from 'uWebSockets.js';
import type { CloseCode } from '../../shared/protocol/closeCodes.ts';
import type { WireError } from '../../shared/protocol/errors.ts';
import type { AddressPresence } from './addresses.ts';
import type { Channel } from './channel.ts';
import type { TokenBucket } from './tokenBucket.ts';
import type { UserPresence } from './users.ts';

/** What uWebSockets.js keeps for us per socket. */
export interface SocketData {
  socket: Socket;
}

/** A frame as it came. */
interface InputFrame {
  message: ArrayBuffer;
  isBinary: boolean;
}

/** A connection that has shown who it is. */
export interface LiveSession {
  readonly state: 'live';
  readonly user: UserPresence;
  /** The device it says it is, and the one its login was made on: revoking either ends it. */
  readonly deviceId: string;
  loginDeviceId: string;
  sessionId: string;
  scopes: readonly string[];
  role: 'user' | 'admin';
  /** Wall time, ms. */
  expiresAt: number;
  /** `session.expiring` went out. */
  warned: boolean;
}
export type Session =
  | { readonly state: 'waiting' }
  | { readonly state: 'authenticating' }
  | LiveSession
  | { readonly state: 'closed' };

const WAITING: Session = { state: 'waiting' };
const CLOSED: Session = { state: 'closed' };
const NO_CHANNELS: Channel[] = [];

/**
 * One connection. There are many thousands of these: no closures, no timers, and what few need is made when it is
 * needed.
 */
export class Socket {
  session: Session = WAITING;
  channels: Channel[] = NO_CHANNELS;
  /** Requests without a reply yet. */
  outstanding = 0;
  outstandingExits = 0;
  bucket: TokenBucket | null = null;
  exitBucket: TokenBucket | null = null;
  /** Subscriptions at work, by the channels they name, which later ones of the same channel wait for; null: none. */
  tails: Map<string, Promise<void>> | null = null;
  /** Whatever it sends, of whatever kind; made by the first. */
  inputBucket: TokenBucket | null = null;
  /** Frames for a later turn of the loop. */
  waitingInput: InputFrame[] | null = null;
  malformed = 0;
  malformedSince = 0;
  /** It left its latest-wins topics. */
  slow = false;
  /** It must be closed by the next sweep: something it was sent was dropped. */
  dropped = false;
  /** What the last join of `desk` gave it, and when (ms): sent then, whenever it was published. */
  joinedSeq = 0;
  joinedAt = 0;
  /** -1: nothing acknowledged yet. */
  ackedSeq = -1;
  ackedAt = 0;
  /** The head it is measured by for staleness, and since when (ms). */
  watchSeq = 0;
  watchedAt = 0;
  readonly openedAt: number;
  readonly address: AddressPresence;
  #ws: WebSocket<SocketData> | null = null;
  /** Made for who must know when the connection goes. */
  #leaving: AbortController | null = null;

  constructor(address: AddressPresence, openedAt: number) {
    this.address = address;
    this.openedAt = openedAt;
  }

  opened(ws: WebSocket<SocketData>): void {
    this.#ws = ws;
  }

  /** The connection is gone: nothing may be sent any more. */
  gone(): void {
    this.#ws = null;
    this.session = CLOSED;
    this.waitingInput = null;
    this.#leaving?.abort();
  }

  /** Aborted when the connection is gone. */
  get goneSignal(): AbortSignal {
    this.#leaving ??= new AbortController();
    if (this.#ws === null) this.#leaving.abort();
    return this.#leaving.signal;
  }

  get isOpen(): boolean {
    return this.#ws !== null;
  }

  get bufferedBytes(): number {
    return this.#ws?.getBufferedAmount() ?? 0;
  }

  /** Several messages in one write. */
  cork(send: () => void): void {
    this.#ws?.cork(send);
  }

  send(message: Buffer): void {
    if (this.#ws === null) return;
    // 2: dropped for backpressure. From here on this socket has a gap.
    if (this.#ws.send(message, false) === 2) this.dropped = true;
  }

  reply(id: string, result: unknown): void {
    this.send(Buffer.from(JSON.stringify({ id, ok: true, result })));
  }

  refuse(id: string, error: WireError): void {
    this.send(Buffer.from(JSON.stringify({ id, ok: false, error })));
  }

  close(code: CloseCode, reason: string): void {
    // `end` calls the close handler before it returns, which clears `ws`.
    this.#ws?.end(code, reason);
  }

  /** Joins a channel's topic. */
  join(channel: Channel): void {
    if (this.#ws === null) return;
    if (this.channels === NO_CHANNELS) this.channels = [];
    this.channels.push(channel);
    channel.members += 1;
    if (!(this.slow && channel.latestWins)) this.#ws.subscribe(channel.topic);
  }

  /** Leaves a channel by its name. */
  leave(name: string): void {
    const at = this.channels.findIndex((channel) => channel.name === name);
    const channel = this.channels[at];
    if (channel === undefined) return;
    this.channels.splice(at, 1);
    this.#ws?.unsubscribe(channel.topic);
    channel.members -= 1;
    if (channel.members === 0) channel.onEmpty();
  }

  isIn(name: string): boolean {
    return this.channels.some((channel) => channel.name === name);
  }

  /** Stops latest-wins messages, keeping the channels. */
  pauseLatest(): void {
    this.slow = true;
    for (const channel of this.channels) if (channel.latestWins) this.#ws?.unsubscribe(channel.topic);
  }

  /** Takes latest-wins messages again, the newest of each first. Their channels must be prepared. */
  resumeLatest(): void {
    this.slow = false;
    for (const channel of this.channels) {
      if (!channel.latestWins) continue;
      for (const message of channel.latest()) this.send(message);
      this.#ws?.subscribe(channel.topic);
    }
  }
}
