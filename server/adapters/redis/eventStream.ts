import type { Redis } from 'ioredis';
import type { BusMessage, EventStream } from '../../ports/eventBus.ts';
import type { Logger } from '../../ports/logger.ts';
import { commonChannel, DEFAULT_PREFIX, deskChannel } from './channels.ts';
import { connectRedis } from './connectRedis.ts';
import type { RedisBusOptions } from './eventPublisher.ts';

/** Channels named in one SUBSCRIBE. */
const SUBSCRIBE_BATCH = 500;

/** Receives through Redis. While Redis is gone it keeps what is followed and subscribes again as soon as it is back. */
export class RedisEventStream implements EventStream {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #logger: Logger;
  readonly #desks = new Set<string>();
  #handler: ((message: BusMessage) => void) | undefined;
  #onReset: (() => void) | undefined;

  constructor(options: RedisBusOptions) {
    this.#redis = connectRedis(options.url, 'subscribe', options.logger);
    this.#prefix = options.prefix ?? DEFAULT_PREFIX;
    this.#logger = options.logger;
    this.#redis.on('message', (_channel: string, payload: string) => this.#receive(payload));
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

  #receive(payload: string): void {
    for (const message of parseBatch(payload, this.#logger)) {
      if (!('deskId' in message) || this.#desks.has(message.deskId)) this.#handler?.(message);
    }
  }
}

/** What others publish on our channels is no reason to fail. */
function parseBatch(payload: string, logger: Logger): BusMessage[] {
  try {
    const batch: unknown = JSON.parse(payload);
    if (Array.isArray(batch)) return batch as BusMessage[];
  } catch {
    // Reported below, like any other text that is no batch.
  }
  logger.warn({ bytes: payload.length }, 'something that is not ours arrived on a channel of the bus');
  return [];
}
