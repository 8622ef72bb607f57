import type { ChainableCommander, Redis } from 'ioredis';
import type { BusMessage, EventPublisher } from '../../ports/eventBus.ts';
import type { Logger } from '../../ports/logger.ts';
import { channelOf, DEFAULT_PREFIX } from './channels.ts';
import { connectRedis } from './connectRedis.ts';
import { Seal } from './seal.ts';

/** Sent and not yet answered; beyond it Redis does not keep up, and what is published is dropped and counted. */
const IN_FLIGHT_MAX_BYTES = 32_000_000;

export interface RedisBusOptions {
  url: string;
  logger: Logger;
  /** Only the processes of this deployment know it: what others say on its channels is ignored. */
  secret: string;
  /** Of every channel's name. */
  prefix?: string;
}

/** Publishes through Redis: everything of one turn of the event loop in one write, one message per channel. */
export class RedisEventPublisher implements EventPublisher {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #logger: Logger;
  readonly #seal: Seal;
  #turn: BusMessage[] = [];
  #inFlightBytes = 0;
  #dropped = 0;
  #reported = 0;

  constructor(options: RedisBusOptions) {
    this.#redis = connectRedis(options.url, 'publish', options.logger);
    this.#redis.on('ready', () => this.#report());
    this.#prefix = options.prefix ?? DEFAULT_PREFIX;
    this.#logger = options.logger;
    this.#seal = new Seal(options.secret);
  }

  get isConnected(): boolean {
    return this.#redis.status === 'ready';
  }

  /** Messages that were never sent or never answered: their readers find out by the heads. */
  get dropped(): number {
    return this.#dropped;
  }

  publish(message: BusMessage): void {
    if (this.#redis.status !== 'ready' || this.#inFlightBytes > IN_FLIGHT_MAX_BYTES) {
      this.#dropped += 1;
      return;
    }
    if (this.#turn.length === 0) setImmediate(() => this.#flush());
    this.#turn.push(message);
  }

  async close(): Promise<void> {
    this.#flush();
    if (this.#redis.status === 'ready') await this.#redis.quit().catch(() => undefined);
    else this.#redis.disconnect();
  }

  #flush(): void {
    if (this.#turn.length === 0) return;
    const messages = this.#turn;
    this.#turn = [];
    const channels = new Map<string, BusMessage[]>();
    for (const message of messages) {
      const channel = channelOf(this.#prefix, message);
      const present = channels.get(channel);
      if (present === undefined) channels.set(channel, [message]);
      else present.push(message);
    }
    const pipeline = this.#redis.pipeline();
    let bytes = 0;
    for (const [channel, batch] of channels) {
      const payload = this.#seal.put(channel, JSON.stringify(batch));
      bytes += payload.length;
      pipeline.publish(channel, payload);
    }
    void this.#send(pipeline, messages.length, bytes);
  }

  async #send(pipeline: ChainableCommander, messages: number, bytes: number): Promise<void> {
    this.#inFlightBytes += bytes;
    const results = await pipeline.exec().catch(() => null);
    this.#inFlightBytes -= bytes;
    // When the connection is lost in the middle some may have got through: counted as dropped all the same.
    if (results?.every(([error]) => error === null) !== true) this.#dropped += messages;
  }

  #report(): void {
    const missed = this.#dropped - this.#reported;
    if (missed === 0) return;
    this.#reported = this.#dropped;
    this.#logger.warn({ dropped: missed }, 'messages were dropped while Redis was gone');
  }
}
