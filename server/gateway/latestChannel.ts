import type { Clock } from '../ports/clock.ts';
import type { Channel, Publish } from './channel.ts';
import { conflationBucket } from './limits.ts';
import type { TurnQueue, TurnTask } from './turnQueue.ts';

/** A value of which only the newest counts, as the push that carries it; null: none yet. */
export interface LatestSource {
  message(): Buffer | null;
}

/** What the latest-wins channels share. */
export interface LatestContext {
  publish: Publish;
  turns: TurnQueue;
  clock: Clock;
}

/** A latest-wins channel at one interval; 0: every turn of the loop. */
class LatestChannel implements Channel, TurnTask {
  readonly name: string;
  readonly topic: string;
  readonly latestWins = true;
  readonly intervalMs: number;
  members = 0;
  queued = false;
  #dirty = false;
  #sentAt = 0;
  readonly #group: LatestGroup;

  constructor(group: LatestGroup, intervalMs: number) {
    this.#group = group;
    this.name = group.name;
    this.intervalMs = intervalMs;
    this.topic = intervalMs === 0 ? group.topic : `${group.topic}@${intervalMs}`;
  }

  prepare(): null {
    return null;
  }

  latest(): readonly Buffer[] {
    const message = this.#group.source.message();
    return message === null ? [] : [message];
  }

  onEmpty(): void {
    this.#group.forget(this);
  }

  /** There is a newer value: it goes out with this turn, or when the interval is over. */
  touch(): void {
    this.#dirty = true;
    if (this.#isDue()) this.#group.context.turns.add(this);
  }

  /** For intervals: sends what waited long enough. */
  sweep(): void {
    if (this.#dirty && this.#isDue()) this.flush();
  }

  flush(): void {
    const message = this.#dirty ? this.#group.source.message() : null;
    this.#dirty = false;
    if (message === null) return;
    this.#sentAt = this.#group.context.clock.elapsed();
    this.#group.context.publish(this.topic, message);
  }

  #isDue(): boolean {
    return this.intervalMs === 0 || this.#group.context.clock.elapsed() - this.#sentAt >= this.intervalMs;
  }
}

/** The latest-wins channels of one value, one per interval that somebody asked for. */
export class LatestGroup {
  readonly name: string;
  readonly topic: string;
  readonly source: LatestSource;
  readonly context: LatestContext;
  readonly #byInterval = new Map<number, LatestChannel>();
  readonly #onUnused: () => void;

  /** `onUnused` is called when the last member of the last channel has left. */
  constructor(
    name: string,
    topic: string,
    source: LatestSource,
    context: LatestContext,
    onUnused: () => void,
  ) {
    this.name = name;
    this.topic = topic;
    this.source = source;
    this.context = context;
    this.#onUnused = onUnused;
  }

  channel(intervalMs: number | undefined): Channel {
    const bucket = conflationBucket(intervalMs);
    let channel = this.#byInterval.get(bucket);
    if (channel === undefined) {
      channel = new LatestChannel(this, bucket);
      this.#byInterval.set(bucket, channel);
    }
    return channel;
  }

  touch(): void {
    for (const channel of this.#byInterval.values()) channel.touch();
  }

  sweep(): void {
    for (const channel of this.#byInterval.values()) channel.sweep();
  }

  forget(channel: LatestChannel): void {
    this.#byInterval.delete(channel.intervalMs);
    if (this.#byInterval.size === 0) this.#onUnused();
  }
}
