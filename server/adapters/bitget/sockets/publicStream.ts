import type { Clock } from '../../../ports/clock.ts';
import type { CallLimiter } from '../calls/callLimiter.ts';
import { tellsMaintenance } from '../errors/errorCodes.ts';
import { Connection } from './connection.ts';
import { socketMessageSchema } from './socketMessage.ts';

/** Data of a topic of a symbol. */
export interface MarketPush {
  topic: string;
  symbol: string;
  data: unknown;
  ts: number | null;
}

export interface PublicStreamOptions {
  url: string;
  /** Arguments of its subscriptions: all that it will ever be subscribed to. */
  args: readonly Record<string, string>[];
  clock: Clock;
  random: () => number;
  limiter: CallLimiter;
  events: {
    pushed(push: MarketPush): void;
    interrupted(reason: string): void;
    restored(): void;
    maintenance(): void;
  };
}

const READY_WITHIN_MS = 20_000;
/** What one message subscribes to. */
const ARGS_PER_MESSAGE = 25;

/** A public stream: subscribes, watches over that, and does so again whenever it was lost. */
export class PublicStream {
  readonly #options: PublicStreamOptions;
  readonly #connection: Connection;
  #awaited = 0;
  #cancelWatchdog = (): void => {};

  constructor(options: PublicStreamOptions) {
    const { url, clock, random, limiter } = options;
    this.#options = options;
    this.#connection = new Connection({
      url,
      clock,
      random,
      limiter,
      events: {
        opened: () => this.#onOpened(),
        heard: (message) => this.#onMessage(message),
        lost: (reason) => {
          this.#cancelWatchdog();
          options.events.interrupted(reason);
        },
      },
    });
  }

  open(): void {
    this.#connection.open();
  }

  close(): void {
    this.#cancelWatchdog();
    this.#connection.close();
  }

  #onOpened(): void {
    const { args, clock } = this.#options;
    this.#awaited = args.length;
    this.#cancelWatchdog();
    this.#cancelWatchdog = clock.after(READY_WITHIN_MS, () => this.#connection.rebuild('not ready in time'));
    for (let from = 0; from < args.length; from += ARGS_PER_MESSAGE)
      this.#connection.send({ op: 'subscribe', args: args.slice(from, from + ARGS_PER_MESSAGE) });
  }

  #onMessage(raw: unknown): void {
    const { events } = this.#options;
    const message = socketMessageSchema.safeParse(raw).data;
    if (message === undefined) {
      this.#connection.rebuild('a message of no known shape');
      return;
    }
    if (tellsMaintenance(message.code)) events.maintenance();
    // A symbol that is refused, such as one that was delisted meanwhile, does not take the others with it.
    if (message.event === 'subscribe' || (message.event === 'error' && !tellsMaintenance(message.code))) {
      this.#awaited -= 1;
      if (this.#awaited > 0) return;
      this.#cancelWatchdog();
      this.#connection.settled();
      events.restored();
      return;
    }
    const { arg, data, ts } = message;
    if (arg?.symbol != null && data !== undefined)
      events.pushed({ topic: arg.topic, symbol: arg.symbol.toUpperCase(), data, ts });
  }
}
