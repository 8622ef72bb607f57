import { WebSocket } from 'ws';
import { z } from 'zod';
import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import { VenueUnavailable } from '../../../ports/venue.ts';
import {
  type CallName,
  CLOSE_PROTOCOL,
  type ClientMessage,
  HEARTBEAT_MS,
  MAX_MESSAGE_BYTES,
  type ServerMessage,
  VENUE_PROTOCOL,
  type Welcome,
} from './wire.ts';

/** A call without an answer after this has failed, wall milliseconds. */
export const CALL_TIMEOUT_MS = 5_000;
/** Pauses between attempts to connect, wall milliseconds, each up to half as long again by chance. */
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;
/** No word from the venue for this long: the connection is dead although it looks alive. */
const SILENCE_MS = HEARTBEAT_MS * 5;
/** Calls under way; more are not sent. */
const MAX_CALLS = 5_000;

/** The call was not sent: it has no effect. */
export class CallNotSent extends VenueUnavailable {}

const frame = z.looseObject({
  type: z.enum(['welcome', 'reply', 'push', 'quotes', 'bar', 'gap', 'instruments', 'time']),
});

interface PendingCall {
  resolve(result: unknown): void;
  reject(error: Error): void;
  cancelTimer(): void;
}

export interface LinkHandlers {
  /** Connected, for the first time or again. */
  onWelcome(welcome: Welcome): void;
  onMessage(message: Exclude<ServerMessage, { type: 'welcome' | 'reply' }>): void;
  onLost(reason: string): void;
}

/** The connection to a venue process: keeps itself up, matches replies to calls, never repeats a call. */
export class VenueLink {
  readonly #options: { url: string; token: string; clock: Clock; logger: Logger };
  readonly #handlers: LinkHandlers;
  #socket: WebSocket | undefined;
  /** Why there is no connection, or was none before this one. */
  lastTrouble = 'nothing was heard';
  #connected = false;
  #stopped = true;
  #nextId = 1;
  #retryMs = FIRST_RETRY_MS;
  readonly #calls = new Map<number, PendingCall>();
  #cancelRetry: () => void = () => {};
  #cancelWatchdog: () => void = () => {};

  constructor(options: { url: string; token: string; clock: Clock; logger: Logger }, handlers: LinkHandlers) {
    this.#options = options;
    this.#handlers = handlers;
  }

  start(): void {
    this.#stopped = false;
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelRetry();
    this.#socket?.terminate();
  }

  /** Rejects with CallNotSent, when it has certainly no effect, or VenueUnavailable, when nobody knows. */
  call(name: CallName, args: unknown[], deadline: number | null): Promise<unknown> {
    const socket = this.#socket;
    if (socket === undefined || !this.#connected)
      return Promise.reject(new CallNotSent('the venue is not connected'));
    if (this.#calls.size >= MAX_CALLS)
      return Promise.reject(new CallNotSent('too many calls to the venue under way'));
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const cancelTimer = this.#options.clock.after(CALL_TIMEOUT_MS, () => {
        this.#calls.delete(id);
        reject(new VenueUnavailable(`${name} was not answered in ${CALL_TIMEOUT_MS} ms`));
      });
      this.#calls.set(id, { resolve, reject, cancelTimer });
      socket.send(JSON.stringify({ type: 'call', id, name, args, deadline } satisfies ClientMessage));
    });
  }

  #connect(): void {
    const { url, token } = this.#options;
    const socket = new WebSocket(url, { maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
    this.#socket = socket;
    this.#watch(socket);
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'hello', protocol: VENUE_PROTOCOL, token } satisfies ClientMessage));
    });
    socket.on('message', (data) => {
      this.#watch(socket);
      this.#receive(String(data));
    });
    socket.on('error', (error) => this.#options.logger.debug({ err: error }, 'the venue connection failed'));
    socket.on('close', (code, reason) => {
      const why = `closed with ${code} ${String(reason)}`.trim();
      if (code === CLOSE_PROTOCOL)
        this.#options.logger.error({ reason: why }, 'the venue is of another version');
      this.#lost(why);
    });
  }

  #receive(text: string): void {
    const message = parseFrame(text);
    if (message === undefined) {
      this.#options.logger.warn({}, 'a message of the venue is not understood');
    } else if (message.type === 'reply') {
      this.#settle(message);
    } else if (message.type === 'welcome') {
      if (message.protocol !== VENUE_PROTOCOL) {
        const why = `the venue speaks protocol ${message.protocol}, this server ${VENUE_PROTOCOL}`;
        this.#socket?.close(CLOSE_PROTOCOL, why);
        return;
      }
      this.#connected = true;
      this.#retryMs = FIRST_RETRY_MS;
      this.#handlers.onWelcome(message);
    } else {
      this.#handlers.onMessage(message);
    }
  }

  #settle(reply: Extract<ServerMessage, { type: 'reply' }>): void {
    const call = this.#calls.get(reply.id);
    if (call === undefined) return;
    this.#calls.delete(reply.id);
    call.cancelTimer();
    if (reply.ok) call.resolve(reply.result);
    else {
      const error = new VenueUnavailable(reply.message);
      if (reply.retryAfterMs !== undefined) error.retryAfterMs = reply.retryAfterMs;
      call.reject(error);
    }
  }

  #lost(reason: string): void {
    this.lastTrouble = reason;
    this.#cancelWatchdog();
    const wasConnected = this.#connected;
    this.#connected = false;
    for (const call of this.#calls.values()) {
      call.cancelTimer();
      call.reject(new VenueUnavailable(`the venue connection was lost: ${reason}`));
    }
    this.#calls.clear();
    if (wasConnected) this.#handlers.onLost(reason);
    if (this.#stopped) return;
    const delayMs = this.#retryMs * (1 + Math.random() / 2);
    this.#retryMs = Math.min(MAX_RETRY_MS, this.#retryMs * 2);
    this.#options.logger.info({ reason, delayMs: Math.round(delayMs) }, 'connecting to the venue again');
    this.#cancelRetry = this.#options.clock.after(delayMs, () => this.#connect());
  }

  #watch(socket: WebSocket): void {
    this.#cancelWatchdog();
    this.#cancelWatchdog = this.#options.clock.after(SILENCE_MS, () => socket.terminate());
  }
}

function parseFrame(text: string): ServerMessage | undefined {
  try {
    const message: unknown = JSON.parse(text);
    // The venue process is of the same version (its welcome says so): beyond the kind its own types hold.
    return frame.safeParse(message).success ? (message as ServerMessage) : undefined;
  } catch {
    return undefined;
  }
}
