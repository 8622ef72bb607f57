import type { Push } from '../protocol/serverMessage.ts';
import { ChannelMemory } from './channelMemory.ts';
import type { SdkClock } from './clock.ts';
import { FillwireError } from './fillwireError.ts';
import { SDK_LIMITS } from './limits.ts';
import { callSafely } from './listeners.ts';
import type { SocketSession } from './socketSession.ts';
import { tooMany } from './tooMany.ts';

export type SubscribableChannel =
  | 'pnl'
  | 'devices'
  | `markets:${string}`
  | `ticker:${string}`
  | `candles:${string}`
  | `log:${string}`;

export interface SubscribeOptions {
  /** Least time between two pushes of a latest-wins channel, ms. The smallest that any listener asks for counts. */
  intervalMs?: number;
  /** Told when the channel cannot be joined. What may work later is tried again by itself. */
  onError?: (error: FillwireError) => void;
}

interface Listener {
  push: (push: Push) => void;
  options: SubscribeOptions;
}

interface Channel {
  name: SubscribableChannel;
  listeners: Set<Listener>;
  memory: ChannelMemory;
  cancelRetry: (() => void) | undefined;
}

/** Everything but `desk`: joined while somebody listens. */
export class Channels {
  readonly #clock: SdkClock;
  readonly #byName = new Map<string, Channel>();
  #session: SocketSession | undefined;

  constructor(clock: SdkClock) {
    this.#clock = clock;
  }

  subscribe(name: SubscribableChannel, push: (push: Push) => void, options: SubscribeOptions): () => void {
    const listener: Listener = { push, options };
    let channel = this.#byName.get(name);
    if (channel === undefined) {
      if (this.#byName.size >= SDK_LIMITS.maxChannels) {
        const message = `at most ${SDK_LIMITS.maxChannels} channels beside desk`;
        const error = new FillwireError(
          tooMany('channels', this.#byName.size + 1, SDK_LIMITS.maxChannels, message),
        );
        queueMicrotask(() => options.onError?.(error));
        return () => {};
      }
      channel = { name, listeners: new Set(), memory: new ChannelMemory(), cancelRetry: undefined };
      this.#byName.set(name, channel);
    }
    const intervalBefore = intervalOf(channel);
    const isFirst = channel.listeners.size === 0;
    channel.listeners.add(listener);
    if (isFirst || intervalOf(channel) !== intervalBefore) this.#join([channel], intervalOf(channel));
    const { latest } = channel.memory;
    queueMicrotask(() => {
      for (const known of latest) if (channel.listeners.has(listener)) callSafely(push, known);
    });
    return () => this.#leave(channel, listener);
  }

  /** Joins everything wanted on a new connection. */
  attach(session: SocketSession): void {
    this.#session = session;
    const byInterval = new Map<number | undefined, Channel[]>();
    for (const channel of this.#byName.values()) {
      const interval = intervalOf(channel);
      byInterval.set(interval, [...(byInterval.get(interval) ?? []), channel]);
    }
    for (const [interval, channels] of byInterval) this.#join(channels, interval);
  }

  detach(): void {
    this.#session = undefined;
    for (const channel of this.#byName.values()) stopRetry(channel);
  }

  takePush(push: Push): void {
    const channel = this.#byName.get(push.ch);
    if (channel === undefined) return;
    channel.memory.take(push);
    for (const listener of [...channel.listeners]) callSafely(listener.push, push);
  }

  #leave(channel: Channel, listener: Listener): void {
    if (!channel.listeners.delete(listener) || channel.listeners.size > 0) return;
    stopRetry(channel);
    this.#byName.delete(channel.name);
    // Refused or cut off: either way the server has no such subscription any more, or nobody here to listen.
    this.#session?.call('unsubscribe', { channels: [channel.name] }).catch(() => {});
  }

  #join(channels: Channel[], intervalMs: number | undefined): void {
    const session = this.#session;
    if (session === undefined) return;
    for (const channel of channels) stopRetry(channel);
    const names = channels.map((channel) => channel.name);
    const args = intervalMs === undefined ? { channels: names } : { channels: names, intervalMs };
    session.call('subscribe', args).catch((error: FillwireError) => {
      if (session === this.#session && !session.isClosed) this.#refused(channels, error);
    });
  }

  #refused(channels: Channel[], error: FillwireError): void {
    // One bad name refuses the whole frame: asked for one by one, the good ones are joined.
    if (channels.length > 1 && !error.retryable) {
      for (const channel of channels) if (this.#isWanted(channel)) this.#join([channel], intervalOf(channel));
      return;
    }
    for (const channel of channels) {
      if (!this.#isWanted(channel)) continue;
      for (const { options } of [...channel.listeners])
        if (options.onError) callSafely(options.onError, error);
      if (!error.retryable) continue;
      channel.cancelRetry = this.#clock.after(SDK_LIMITS.channelRetryMs, () => {
        channel.cancelRetry = undefined;
        if (this.#isWanted(channel)) this.#join([channel], intervalOf(channel));
      });
    }
  }

  #isWanted(channel: Channel): boolean {
    return this.#byName.get(channel.name) === channel;
  }
}

function stopRetry(channel: Channel): void {
  channel.cancelRetry?.();
  channel.cancelRetry = undefined;
}

function intervalOf(channel: Channel): number | undefined {
  let smallest: number | undefined;
  for (const { options } of channel.listeners) {
    // Somebody who asked for no interval wants the server's own pace.
    if (options.intervalMs === undefined) return undefined;
    if (smallest === undefined || options.intervalMs < smallest) smallest = options.intervalMs;
  }
  return smallest;
}
