import type { Clock } from '../ports/clock.ts';
import type { DeskQueries } from '../ports/deskGateway.ts';
import type { Channel, Publish } from './channel.ts';
import { LatestGroup, type LatestSource } from './latestChannel.ts';
import type { TurnQueue, TurnTask } from './turnQueue.ts';

export interface UserChannelContext {
  queries: DeskQueries;
  clock: Clock;
  publish: Publish;
  turns: TurnQueue;
}

/** Lines of a log that wait for the end of a turn; beyond it the oldest go, as they would from the log itself. */
const LOG_PENDING_LINES = 1_000;
/** Lines a new subscriber gets first. */
const LOG_HISTORY_LINES = 200;

/** A push that comes ready-made from elsewhere. */
class GivenSource implements LatestSource {
  #given: Buffer | null = null;
  readonly #first: () => Buffer | null;

  /** `first` makes the push for those who join before one was given. */
  constructor(first: () => Buffer | null) {
    this.#first = first;
  }

  give(message: Buffer): void {
    this.#given = message;
  }

  message(): Buffer | null {
    this.#given ??= this.#first();
    return this.#given;
  }
}

/** The log of one bot: ordered, nothing conflated. */
class LogChannel implements Channel, TurnTask {
  readonly name: string;
  readonly topic: string;
  readonly latestWins = false;
  members = 0;
  queued = false;
  #pending: Buffer[] = [];
  readonly #owner: UserChannels;
  readonly #botId: string;

  constructor(owner: UserChannels, botId: string) {
    this.#owner = owner;
    this.#botId = botId;
    this.name = `log:${botId}`;
    // The owner's id is part of the topic: even a bot id that two desks share cannot join them.
    this.topic = `log:${owner.deskId}:${botId}`;
  }

  prepare(): null {
    return null;
  }

  latest(): readonly Buffer[] {
    // What waits is in the history already, or about to be: sent before the new member joins.
    this.flush();
    const { queries, clock } = this.#owner.context;
    const data = queries.botLog(this.#owner.deskId, this.#botId).slice(-LOG_HISTORY_LINES);
    return [Buffer.from(JSON.stringify({ ch: this.name, kind: 'history', ts: clock.now(), data }))];
  }

  onEmpty(): void {
    this.#owner.forget(this.name);
  }

  add(message: Buffer): void {
    this.#pending.push(message);
    if (this.#pending.length > LOG_PENDING_LINES) this.#pending.shift();
    this.#owner.context.turns.add(this);
  }

  flush(): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const message of pending) this.#owner.context.publish(this.topic, message);
  }
}

/** The private channels of one user besides `desk`: `pnl`, `devices`, and the logs of its bots. */
export class UserChannels {
  readonly deskId: string;
  readonly context: UserChannelContext;
  readonly #latest = new Map<string, { source: GivenSource; group: LatestGroup }>();
  readonly #logs = new Map<string, LogChannel>();

  constructor(deskId: string, context: UserChannelContext) {
    this.deskId = deskId;
    this.context = context;
  }

  get isUnused(): boolean {
    return this.#latest.size === 0 && this.#logs.size === 0;
  }

  channel(name: string, intervalMs: number | undefined): Channel {
    if (name === 'pnl') return this.#group(name, () => this.#valuations()).channel(intervalMs);
    if (name === 'devices') return this.#group(name, () => null).channel(undefined);
    let log = this.#logs.get(name);
    if (log === undefined) {
      log = new LogChannel(this, name.slice('log:'.length));
      this.#logs.set(name, log);
    }
    return log;
  }

  /** True when somebody is in the channel. */
  has(name: string): boolean {
    return this.#latest.has(name) || this.#logs.has(name);
  }

  /** A ready-made push for one of these channels; ignored where nobody is in it. */
  give(name: string, message: Buffer): void {
    const latest = this.#latest.get(name);
    latest?.source.give(message);
    latest?.group.touch();
    this.#logs.get(name)?.add(message);
  }

  sweep(): void {
    for (const { group } of this.#latest.values()) group.sweep();
  }

  forget(name: string): void {
    this.#latest.delete(name);
    this.#logs.delete(name);
  }

  #group(name: string, first: () => Buffer | null): LatestGroup {
    const known = this.#latest.get(name);
    if (known !== undefined) return known.group;
    const source = new GivenSource(first);
    const topic = `${name}:${this.deskId}`;
    const group = new LatestGroup(name, topic, source, this.context, () => this.forget(name));
    this.#latest.set(name, { source, group });
    return group;
  }

  #valuations(): Buffer | null {
    const data = this.context.queries.valuations(this.deskId);
    if (data.length === 0) return null;
    return Buffer.from(JSON.stringify({ ch: 'pnl', kind: 'pnl', ts: this.context.clock.now(), data }));
  }
}
