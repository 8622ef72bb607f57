import type { Candle } from '../../../shared/domain/market.ts';
import { unavailable, type WireError, wireError } from '../../../shared/protocol/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Asker } from '../../ports/deskGateway.ts';
import { RefusedRead } from '../../ports/refusedRead.ts';
import {
  PAST_READ_MS,
  PAST_READS_AT_ONCE,
  PAST_READS_PER_CONNECTION,
  PAST_READS_PER_USER,
  PAST_RETRY_MIN_MS,
} from './limits.ts';
import type { HistoryReader } from './pageSlots.ts';
import { PastRead } from './pastRead.ts';
import type { Stretch } from './stretch.ts';

export type ReadStretch = (stretch: Stretch, reader: HistoryReader) => Promise<Candle[]>;

interface Wait {
  read: PastRead;
  connection: object;
  /** When it is given up, ms of elapsed time. */
  until: number;
}

interface UserReads {
  userId: string;
  /** The oldest first. */
  waits: Set<Wait>;
  /** The read that has this user's turn. */
  atWork: PastRead | undefined;
}

/**
 * The reads of the past of one feed. Users take turns, each with one read at work; what several ask for is read once,
 * and no longer than somebody waits for it.
 */
export class PastReads {
  readonly #clock: Clock;
  readonly #readStretch: ReadStretch;
  /** Waiting or at work. */
  readonly #reads = new Set<PastRead>();
  /** Who waits longest for a turn first. */
  readonly #users = new Map<string, UserReads>();
  #turnsAtWork = 0;
  /** From its request to its end. */
  #lastTookMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, readStretch: ReadStretch) {
    this.#clock = clock;
    this.#readStretch = readStretch;
  }

  /**
   * The bars of a stretch. `asker`: null for a chart of the present, which waits for no turn. Rejects with the error of
   * reading it, or with RefusedRead: too many at once, too slow, or nobody there any more.
   */
  async ask(stretch: Stretch, asker: Asker | null): Promise<Candle[]> {
    if (asker !== null) return this.#askInTurn(stretch, asker);
    const read = this.#readOf(stretch);
    const { bars } = read.wait(stretch.from, stretch.to);
    read.hurry();
    if (!read.isAtWork) void this.#run(read);
    return bars;
  }

  async #askInTurn(stretch: Stretch, { userId, connection, gone }: Asker): Promise<Candle[]> {
    const user = this.#users.get(userId) ?? { userId, waits: new Set(), atWork: undefined };
    const askedAt = this.#clock.elapsed();
    const refusal = gone.aborted ? unavailable(GONE) : this.#refusal(user, connection, stretch, askedAt);
    if (refusal !== undefined) throw new RefusedRead(refusal);
    const read = this.#readOf(stretch);
    const wait: Wait = { read, connection, until: askedAt + PAST_READ_MS };
    user.waits.add(wait);
    this.#users.set(userId, user);
    const { bars, leave } = read.wait(stretch.from, stretch.to);
    const onGone = (): void => leave(new RefusedRead(unavailable(GONE)));
    gone.addEventListener('abort', onGone);
    const cancelDeadline = this.#clock.after(PAST_READ_MS, () => leave(new RefusedRead(unavailable(SLOW))));
    this.#fill();
    try {
      const found = await bars;
      this.#lastTookMs = this.#clock.elapsed() - askedAt;
      return found;
    } finally {
      cancelDeadline();
      gone.removeEventListener('abort', onGone);
      user.waits.delete(wait);
      this.#forget(user);
      if (read.signal.aborted) this.#reads.delete(read);
    }
  }

  /** What a user waits for already costs nothing more. */
  #refusal(user: UserReads, connection: object, stretch: Stretch, now: number): WireError | undefined {
    const waits = [...user.waits];
    if (waits.some(({ read }) => read.brings(stretch))) return undefined;
    const ofUser = oneOfEach(waits);
    const ofConnection = oneOfEach(waits.filter((wait) => wait.connection === connection));
    return (
      this.#tooMany('connection', ofConnection, PAST_READS_PER_CONNECTION, now) ??
      this.#tooMany('user', ofUser, PAST_READS_PER_USER, now)
    );
  }

  #tooMany(of: string, waits: readonly Wait[], most: number, now: number): WireError | undefined {
    const [oldest] = waits;
    if (oldest === undefined || waits.length < most) return undefined;
    // By then the oldest is answered or given up; most likely it takes as long as the last one did.
    const likelyMs = Math.max(PAST_RETRY_MIN_MS, this.#lastTookMs);
    const retryAfterMs = Math.max(0, Math.ceil(Math.min(oldest.until - now, likelyMs)));
    const [limit, actual, allowed] = [`reads of the past per ${of}`, String(waits.length + 1), String(most)];
    const message = `a ${of} may wait for ${allowed} reads of bars that nobody holds; try again in ${retryAfterMs} ms`;
    return wireError('rate_limited', message, { limit, actual, allowed, retryAfterMs });
  }

  /** One that brings this stretch, or a new one. */
  #readOf(stretch: Stretch): PastRead {
    for (const read of this.#reads) if (read.brings(stretch)) return read;
    const read = new PastRead(stretch);
    this.#reads.add(read);
    return read;
  }

  #fill(): void {
    while (this.#turnsAtWork < PAST_READS_AT_ONCE) {
      const next = this.#next();
      if (next === undefined) return;
      const { user, read } = next;
      this.#turnsAtWork += 1;
      user.atWork = read;
      // To the end of the line.
      this.#users.delete(user.userId);
      this.#users.set(user.userId, user);
      void this.#run(read).then(() => {
        this.#turnsAtWork -= 1;
        user.atWork = undefined;
        this.#forget(user);
        this.#fill();
      });
    }
  }

  #next(): { user: UserReads; read: PastRead } | undefined {
    for (const user of this.#users.values()) {
      if (user.atWork !== undefined) continue;
      for (const { read } of user.waits) if (!read.isAtWork && !read.signal.aborted) return { user, read };
    }
    return undefined;
  }

  async #run(read: PastRead): Promise<void> {
    read.isAtWork = true;
    await this.#readStretch(read.stretch, read).then(
      (bars) => read.end(bars),
      (error: unknown) => read.fail(error),
    );
    this.#reads.delete(read);
  }

  #forget({ userId, waits, atWork }: UserReads): void {
    if (waits.size === 0 && atWork === undefined) this.#users.delete(userId);
  }
}

/** The oldest wait for each read. */
function oneOfEach(waits: readonly Wait[]): Wait[] {
  return waits.filter((wait, at) => waits.findIndex(({ read }) => read === wait.read) === at);
}

const GONE = 'the connection is gone';
const SLOW = `bars that nobody holds were not read within ${PAST_READ_MS} ms; try again`;
