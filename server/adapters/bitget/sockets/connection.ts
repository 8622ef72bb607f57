import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { Clock } from '../../../ports/clock.ts';
import type { CallLimiter } from '../calls/callLimiter.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import { backoffMs } from './backoff.ts';

export interface ConnectionEvents {
  /** It is open: what it is for is to be said anew. */
  opened(): void;
  /** A message, parsed. */
  heard(message: unknown): void;
  /** It is lost, and will be tried again. */
  lost(reason: string): void;
}

export interface ConnectionOptions {
  url: string;
  clock: Clock;
  random: () => number;
  limiter: CallLimiter;
  events: ConnectionEvents;
}

/** The exchange drops who says nothing for two minutes. */
const PING_EVERY_MS = 25_000;
/** Nothing at all within so long after a ping: the connection is open and dead. */
const PONG_WITHIN_MS = 10_000;
const OPEN_WITHIN_MS = 10_000;
/** Of an address, of which other processes have a share too. */
const CONNECTIONS = { key: 'connections', calls: 100, perMs: 300_000 };
const CONNECT_PATIENCE_MS = 600_000;
const MESSAGES_PER_SECOND = 8;
const MESSAGE_PATIENCE_MS = 60_000;
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

/** One socket to the exchange that comes back by itself: pinged, within the limits, tried again ever more slowly. */
export class Connection {
  readonly #options: ConnectionOptions;
  /** Names its own budget: of one connection messages are counted. */
  readonly #name = `messages ${randomUUID()}`;
  #socket: WebSocket | undefined;
  #failures = 0;
  #isWanted = false;
  #cancelTimer = (): void => {};
  #cancelPong = (): void => {};

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  open(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    void this.#connect();
  }

  close(): void {
    this.#isWanted = false;
    this.#drop();
  }

  /** What it was opened for works: the next loss is the first again. */
  settled(): void {
    this.#failures = 0;
  }

  /** Ends this socket and begins another: it is not what it should be. */
  rebuild(reason: string): void {
    if (this.#socket === undefined) return;
    this.#drop();
    this.#options.events.lost(reason);
    this.#later();
  }

  /** As soon as the exchange takes another message; what is written to a socket that is gone by then is forgotten. */
  send(message: object): void {
    const socket = this.#socket;
    const budget = { key: this.#name, calls: MESSAGES_PER_SECOND, perMs: 1_000 };
    void this.#options.limiter.acquire([budget], 'entry', MESSAGE_PATIENCE_MS).then(
      (sent) => {
        this.#write(socket, JSON.stringify(message));
        sent();
      },
      () => this.rebuild('too many messages wait'),
    );
  }

  async #connect(): Promise<void> {
    const { limiter, url, clock, events } = this.#options;
    try {
      (await limiter.acquire([CONNECTIONS], 'entry', CONNECT_PATIENCE_MS))();
    } catch (error) {
      if (!(error instanceof BitgetError)) throw error;
      this.#later();
      return;
    }
    if (!this.#isWanted || this.#socket !== undefined) return;
    const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES });
    this.#socket = socket;
    const isCurrent = () => this.#socket === socket;
    this.#cancelTimer = clock.after(OPEN_WITHIN_MS, () => this.rebuild('it does not open'));
    socket.on('open', () => {
      if (!isCurrent()) return;
      this.#pingLater();
      events.opened();
    });
    socket.on('message', (data) => {
      if (isCurrent()) this.#hear(String(data));
    });
    // An error is followed by a close.
    socket.on('error', () => {});
    socket.on('close', (code) => {
      if (isCurrent()) this.rebuild(`closed (${code})`);
    });
  }

  #hear(text: string): void {
    this.#cancelPong();
    if (text === 'pong') return;
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      this.rebuild('a message that says nothing');
      return;
    }
    this.#options.events.heard(message);
  }

  #pingLater(): void {
    const { clock } = this.#options;
    this.#cancelTimer();
    this.#cancelTimer = clock.after(PING_EVERY_MS, () => {
      this.#write(this.#socket, 'ping');
      this.#cancelPong();
      this.#cancelPong = clock.after(PONG_WITHIN_MS, () => this.rebuild('no pong'));
      this.#pingLater();
    });
  }

  #write(socket: WebSocket | undefined, text: string): void {
    if (socket !== undefined && socket === this.#socket && socket.readyState === WebSocket.OPEN)
      socket.send(text);
  }

  #later(): void {
    const { clock, random } = this.#options;
    if (!this.#isWanted) return;
    this.#cancelTimer();
    this.#cancelTimer = clock.after(backoffMs(this.#failures, random), () => void this.#connect());
    this.#failures += 1;
  }

  #drop(): void {
    this.#cancelTimer();
    this.#cancelPong();
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.terminate();
  }
}
