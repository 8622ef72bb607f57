import type { Redis } from 'ioredis';
import type { BusMessage, EventStream } from '../../ports/eventBus.ts';
import type { Logger } from '../../ports/logger.ts';
import { commonChannel, DEFAULT_PREFIX, deskChannel } from './channels.ts';
import { connectRedis } from './connectRedis.ts';
import type { RedisBusOptions } from './eventPublisher.ts';
import { Seal } from './seal.ts';

/** Channels named in one SUBSCRIBE. */
const SUBSCRIBE_BATCH = 500;
/** What is not ours is told at most once in so long. */
const FOREIGN_EVERY_MS = 10_000;

/** Receives through Redis. While Redis is gone it keeps what is followed and subscribes again as soon as it is back. */
export class RedisEventStream implements EventStream {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #logger: Logger;
  readonly #seal: Seal;
  readonly #desks = new Set<string>();
  #handler: ((message: BusMessage) => void) | undefined;
  #onReset: (() => void) | undefined;
  /** Messages that were not ours and were not told of yet, and when the last were. */
  #foreign = 0;
  #foreignToldAt = Number.NEGATIVE_INFINITY;

  constructor(options: RedisBusOptions) {
    this.#redis = connectRedis(options.url, 'subscribe', options.logger);
    this.#prefix = options.prefix ?? DEFAULT_PREFIX;
    this.#logger = options.logger;
    this.#seal = new Seal(options.secret);
    this.#redis.on('message', (channel: string, sealed: string) => this.#receive(channel, sealed));
    this.#redis.on('ready', () => void this.#subscribeAll());
  }

  get isConnected(): boolean {
    return this.#redis.status === 'ready';
  }

  listen(handler: (message: BusMessage) => void, onReset: () => void): void {
    this.#handler = handler;
    this.#onReset = onReset;
    if (this.#redis.status === 'ready') void this.#subscribeAll();
  }

  /** Resolves when subscribed; at once while Redis is gone. */
  async follow(deskId: string): Promise<void> {
    this.#desks.add(deskId);
    await this.#subscribe([deskChannel(this.#prefix, deskId)]);
  }

  async unfollow(deskId: string): Promise<void> {
    this.#desks.delete(deskId);
    if (this.#redis.status !== 'ready') return;
    await this.#redis.unsubscribe(deskChannel(this.#prefix, deskId)).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#handler = undefined;
    this.#onReset = undefined;
    this.#redis.disconnect();
  }

  async #subscribeAll(): Promise<void> {
    const onReset = this.#onReset;
    if (onReset === undefined) return;
    const channels = [...this.#desks].map((deskId) => deskChannel(this.#prefix, deskId));
    if (await this.#subscribe([commonChannel(this.#prefix), ...channels])) onReset();
  }

  /** False: the connection was lost or is; the next one subscribes to everything again. */
  async #subscribe(channels: string[]): Promise<boolean> {
    for (let start = 0; start < channels.length; start += SUBSCRIBE_BATCH) {
      if (this.#redis.status !== 'ready') return false;
      try {
        await this.#redis.subscribe(...channels.slice(start, start + SUBSCRIBE_BATCH));
      } catch (error) {
        if (this.#redis.status === 'ready')
          this.#logger.warn({ error: String(error) }, 'Redis refuses a subscription');
        return false;
      }
    }
    return true;
  }

  #receive(channel: string, sealed: string): void {
    const text = this.#seal.open(channel, sealed);
    if (text === undefined) {
      this.#noteForeign(channel, sealed);
      return;
    }
    // Sealed by a process of ours, which writes nothing else.
    for (const message of JSON.parse(text) as BusMessage[]) {
      if (!('deskId' in message) || this.#desks.has(message.deskId)) this.#handler?.(message);
    }
  }

  /** What others publish on our channels is no reason to fail, and as much as they like no reason to fill the log. */
  #noteForeign(channel: string, sealed: string): void {
    this.#foreign += 1;
    const now = performance.now();
    if (now < this.#foreignToldAt + FOREIGN_EVERY_MS) return;
    this.#foreignToldAt = now;
    const said = { channel, bytes: sealed.length, times: this.#foreign };
    this.#foreign = 0;
    this.#logger.warn(said, 'something that is not ours arrived on a channel of the bus');
  }
}
