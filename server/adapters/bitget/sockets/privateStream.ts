import type { Clock } from '../../../ports/clock.ts';
import type { VenueFill, VenueOrder, VenuePosition } from '../../../ports/venue.ts';
import type { CallLimiter } from '../calls/callLimiter.ts';
import type { ServerClock } from '../calls/serverClock.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import type { BitgetKeys } from '../errors/bitgetKeys.ts';
import { tellsMaintenance } from '../errors/errorCodes.ts';
import { Connection } from './connection.ts';
import { isFine, type SocketMessage, socketMessageSchema } from './socketMessage.ts';

/** What one push tells of an account. */
export type AccountPush =
  | { type: 'order'; order: VenueOrder }
  | { type: 'fill'; fill: VenueFill }
  | { type: 'position'; position: VenuePosition }
  /** What it owns has changed, for whatever reason. */
  | { type: 'wallet' };

/** How an API is spoken to on its private socket. */
export interface PrivateSpeech {
  path: string;
  /** Arguments of its subscriptions by the word that its pushes name them with. */
  topics: Readonly<Record<string, Record<string, string>>>;
  read(topic: string, data: unknown): AccountPush[];
}

export interface PrivateStreamOptions {
  baseUrl: string;
  speech: PrivateSpeech;
  keys: BitgetKeys;
  clock: Clock;
  serverClock: ServerClock;
  random: () => number;
  limiter: CallLimiter;
  events: {
    pushed(push: AccountPush): void;
    /** Pushes may be missing until it is `restored`. */
    interrupted(reason: string): void;
    /** Logged in and subscribed to everything, again or for the first time. */
    restored(): void;
    /** The exchange says that it is about to be, or is, out of service. */
    maintenance(): void;
  };
}

/** Logged in and subscribed within so long after it opened, or it is built anew: a socket that only looks healthy is none. */
const READY_WITHIN_MS = 10_000;

/** The private stream of one account: logs in, subscribes, watches over both, and does so again whenever it was lost. */
export class PrivateStream {
  readonly #options: PrivateStreamOptions;
  readonly #connection: Connection;
  #awaited = new Set<string>();
  #isReady = false;
  #isInterrupted = false;
  #cancelWatchdog = (): void => {};

  constructor(options: PrivateStreamOptions) {
    const { baseUrl, speech, clock, random, limiter } = options;
    this.#options = options;
    this.#connection = new Connection({
      url: `${baseUrl}${speech.path}`,
      clock,
      random,
      limiter,
      events: {
        opened: () => this.#onOpened(),
        heard: (message) => this.#onMessage(message),
        lost: (reason) => this.#onLost(reason),
      },
    });
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  open(): void {
    this.#connection.open();
  }

  close(): void {
    this.#cancelWatchdog();
    this.#isReady = false;
    this.#connection.close();
  }

  #onOpened(): void {
    const { clock, keys, serverClock } = this.#options;
    this.#cancelWatchdog();
    this.#cancelWatchdog = clock.after(READY_WITHIN_MS, () => this.#connection.rebuild('not ready in time'));
    this.#connection.send({ op: 'login', args: [keys.login(serverClock.now())] });
  }

  #onMessage(raw: unknown): void {
    const message = socketMessageSchema.safeParse(raw).data;
    if (message === undefined) {
      this.#connection.rebuild('a message of no known shape');
      return;
    }
    if (tellsMaintenance(message.code)) this.#options.events.maintenance();
    switch (message.event) {
      case 'login':
        if (isFine(message.code)) this.#subscribe();
        else this.#connection.rebuild(`login refused (${message.code})`);
        return;
      case 'subscribe':
        this.#onSubscribed(message.arg?.topic ?? '');
        return;
      case 'error':
        // An announcement of maintenance is no failure of this connection: it lasts until the exchange drops it.
        if (!tellsMaintenance(message.code)) this.#connection.rebuild(`refused (${message.code})`);
        return;
      default:
        if (message.data !== undefined) this.#onPush(message);
    }
  }

  #subscribe(): void {
    const { topics } = this.#options.speech;
    this.#awaited = new Set(Object.keys(topics));
    this.#connection.send({ op: 'subscribe', args: Object.values(topics) });
  }

  #onSubscribed(topic: string): void {
    if (!this.#awaited.delete(topic) || this.#awaited.size > 0) return;
    this.#cancelWatchdog();
    this.#isReady = true;
    this.#isInterrupted = false;
    this.#connection.settled();
    this.#options.events.restored();
  }

  #onPush({ arg, data }: SocketMessage): void {
    const { speech, events } = this.#options;
    try {
      for (const push of speech.read(arg?.topic ?? '', data)) events.pushed(push);
    } catch (error) {
      if (!(error instanceof BitgetError)) throw error;
      // What it told is lost: the account is to be read.
      this.#connection.rebuild(error.message);
    }
  }

  #onLost(reason: string): void {
    this.#cancelWatchdog();
    this.#isReady = false;
    if (this.#isInterrupted) return;
    this.#isInterrupted = true;
    this.#options.events.interrupted(reason);
  }
}
