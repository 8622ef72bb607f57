import type { BusMessage, EventStream } from '../ports/eventBus.ts';
import { DeskFeed, type FeedContext } from './deskFeed.ts';

type Frames = Extract<BusMessage, { type: 'frames' }>;
type Notice = Extract<BusMessage, { type: 'notice' }>;
type Revoked = Extract<BusMessage, { type: 'revoked' }>;

export interface FeedEvents {
  onNotice(notice: Notice): void;
  onRevoked(revoked: Revoked): void;
  /** What was sent of these desks can no longer be trusted: their sockets must start anew. */
  onResync(deskIds: readonly string[]): void;
}

export interface Attending {
  /** As `DeskCommands`. */
  attend(deskId: string): Promise<void>;
}

/** Longest wait for the bus, and for the engine, before a desk is read from the log without them. */
const FOLLOW_WAIT_MS = 1_000;

interface Entry {
  feed: DeskFeed;
  ready: Promise<void>;
  isReady: boolean;
}

/** The desks this process serves: followed on the bus, kept in step with the log, dropped when nobody looks. */
export class DeskFeeds {
  readonly #entries = new Map<string, Entry>();
  readonly #stream: EventStream;
  readonly #context: FeedContext & Attending;
  readonly #events: FeedEvents;
  #epoch: string | null = null;
  #polling = false;
  /** The heads could not be read last time: said once, not every few seconds. */
  #unreadable = false;

  constructor(
    stream: EventStream,
    context: Omit<FeedContext, 'onForeignEpoch'> & Attending,
    events: FeedEvents,
  ) {
    this.#stream = stream;
    this.#context = { ...context, onForeignEpoch: (epoch) => this.#restored(epoch) };
    this.#events = events;
    stream.listen(
      (message) => this.#receive(message),
      () => void this.poll(),
    );
  }

  /** The log's epoch. Rejects when the log cannot be read. */
  async currentEpoch(): Promise<string> {
    this.#epoch ??= await this.#context.deskHistory.epoch();
    return this.#epoch;
  }

  /** The feed, if it is loaded; no waiting. */
  loaded(deskId: string): DeskFeed | undefined {
    const entry = this.#entries.get(deskId);
    return entry?.isReady === true ? entry.feed : undefined;
  }

  /** The feed, loaded. Rejects when the log or the bus cannot be reached. */
  async open(deskId: string): Promise<DeskFeed> {
    const known = this.#entries.get(deskId);
    if (known !== undefined) {
      await known.ready;
      return known.feed;
    }
    const epoch = await this.currentEpoch();
    const raced = this.#entries.get(deskId);
    if (raced !== undefined) return this.open(deskId);
    const entry: Entry = {
      feed: new DeskFeed(deskId, epoch, this.#context),
      ready: Promise.resolve(),
      isReady: false,
    };
    this.#entries.set(deskId, entry);
    entry.ready = this.#load(entry);
    await entry.ready;
    return entry.feed;
  }

  /** Runs `work` with the loaded feed, which is not dropped meanwhile. */
  async use<T>(deskId: string, work: (feed: DeskFeed) => T | Promise<T>): Promise<T> {
    const feed = await this.open(deskId);
    feed.holds += 1;
    try {
      return await work(feed);
    } finally {
      feed.holds -= 1;
      if (feed.members === 0) feed.idleSince = this.#context.clock.elapsed();
    }
  }

  publishHeads(now: number): void {
    for (const { feed } of this.#entries.values()) if (feed.members > 0) feed.publishHead(now);
  }

  /** Drops the desks that nobody has looked at for the grace time. `isNeeded`: a socket is in another of its channels. */
  dropIdle(now: number, isNeeded: (deskId: string) => boolean): void {
    for (const [deskId, { feed, isReady }] of this.#entries) {
      if (!isReady || feed.members > 0 || feed.holds > 0) continue;
      if (isNeeded(deskId)) feed.idleSince = now;
      if (now - feed.idleSince >= this.#context.limits.deskGraceMs) this.#drop(deskId);
    }
  }

  /** Reads the heads from the log: finds what the bus lost without a trace. Never rejects. */
  async poll(): Promise<void> {
    if (this.#polling || this.#entries.size === 0) return;
    this.#polling = true;
    try {
      const epoch = await this.#context.deskHistory.epoch();
      if (epoch !== this.#epoch) this.#restored(epoch);
      const heads = await this.#context.deskHistory.heads([...this.#entries.keys()]);
      for (const [deskId, head] of heads) this.#entries.get(deskId)?.feed.notice(head);
      this.#unreadable = false;
    } catch (error) {
      if (!this.#unreadable) this.#context.logger.warn({ error }, 'the heads of the log could not be read');
      this.#unreadable = true;
    } finally {
      this.#polling = false;
    }
  }

  async #load(entry: Entry): Promise<void> {
    const { deskId } = entry.feed;
    try {
      await Promise.all([this.#followed(deskId), this.#attended(deskId)]);
      await entry.feed.load();
      entry.isReady = true;
    } catch (error) {
      if (this.#entries.get(deskId) === entry) this.#drop(deskId);
      throw error;
    }
  }

  /** Without the bus a desk is served all the same, as fast as the heads are polled: it gets a moment, no more. */
  #followed(deskId: string): Promise<void> {
    return this.#aMoment(deskId, this.#stream.follow(deskId), 'a desk could not be followed');
  }

  /** What a night brought on while the desk slept belongs to what is shown first; without it the desk is shown as the log has it. */
  #attended(deskId: string): Promise<void> {
    return this.#aMoment(deskId, this.#context.attend(deskId), 'a desk could not be woken');
  }

  #aMoment(deskId: string, work: Promise<void>, failure: string): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#context.clock.after(FOLLOW_WAIT_MS, resolve);
      work
        .catch((error: unknown) => this.#context.logger.warn({ deskId, error }, failure))
        .finally(() => {
          cancel();
          resolve();
        });
    });
  }

  #receive(message: BusMessage): void {
    switch (message.type) {
      case 'frames':
        this.#receiveFrames(message);
        break;
      case 'heads':
        this.#noticeHeads(message.epoch, message.heads);
        break;
      case 'notice':
        this.#events.onNotice(message);
        break;
      case 'revoked':
        this.#events.onRevoked(message);
        break;
    }
  }

  #receiveFrames({ deskId, frames, times }: Frames): void {
    const feed = this.#entries.get(deskId)?.feed;
    try {
      feed?.receive(frames, times.committedAt);
    } catch (error) {
      // The publisher may be the engine in this very process: a view that does not fold must not reach it.
      this.#context.logger.error({ deskId, seq: feed?.seq, error }, 'a frame could not be folded');
      this.#drop(deskId);
      this.#events.onResync([deskId]);
    }
  }

  #noticeHeads(epoch: string, heads: Record<string, number>): void {
    if (this.#epoch !== null && epoch !== this.#epoch) {
      this.#restored(epoch);
      return;
    }
    for (const [deskId, entry] of this.#entries) {
      const head = Object.hasOwn(heads, deskId) ? heads[deskId] : undefined;
      if (head !== undefined) entry.feed.notice(head);
    }
  }

  #restored(epoch: string): void {
    if (epoch === this.#epoch) return;
    this.#context.logger.warn({ from: this.#epoch, to: epoch }, 'the log has another epoch: it was restored');
    this.#epoch = epoch;
    const deskIds = [...this.#entries.keys()];
    for (const deskId of deskIds) this.#drop(deskId);
    this.#events.onResync(deskIds);
  }

  #drop(deskId: string): void {
    this.#entries.delete(deskId);
    this.#stream.unfollow(deskId).catch((error: unknown) => {
      this.#context.logger.warn({ deskId, error }, 'a desk could not be unfollowed');
    });
  }
}
