import type { DeskFrame } from '../protocol/frames.ts';
import type { DeskJoin, HeadFrame } from '../protocol/serverMessage.ts';
import { Acks, isUrgent } from './acks.ts';
import type { SdkClock } from './clock.ts';
import { DeskFold } from './deskFold.ts';
import type { FillwireError } from './fillwireError.ts';
import { SDK_LIMITS } from './limits.ts';
import type { SocketSession } from './socketSession.ts';

export interface DeskSyncHandlers {
  /** The view changed. */
  onChange(frames: DeskFrame[] | 'snapshot'): void;
  /** Age of the newest frame of a batch when it arrived, ms. */
  onLag(lagMs: number): void;
  /** Everything up to the server's head is folded. */
  onLive(): void;
  /** Something is missing and was asked for; `reason` when that is not the ordinary course. */
  onResuming(reason: string | null): void;
}

/** Keeps the desk's fold level with the server over one connection after another. */
export class DeskSync {
  readonly #clock: SdkClock;
  readonly #handlers: DeskSyncHandlers;
  readonly fold = new DeskFold();
  readonly #acks: Acks;
  #session: SocketSession | undefined;
  #compareHash = false;
  #joining = false;
  #joinedAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #cancelJoin: (() => void) | undefined;
  #batch: DeskFrame[] = [];
  /** Came while a join was under way. */
  #held: { frame: DeskFrame; serverNow: number }[] = [];
  #lagMs = 0;

  constructor(clock: SdkClock, handlers: DeskSyncHandlers) {
    this.#clock = clock;
    this.#handlers = handlers;

    this.#acks = new Acks(clock, () => this.#sendAck());
  }

  /** `compareHash`: the server folds views by the same version of the rules. */
  attach(session: SocketSession, compareHash: boolean): void {
    this.detach();
    this.#session = session;
    this.#compareHash = compareHash;
    this.#failures = 0;
    this.#joinedAt = Number.NEGATIVE_INFINITY;
    this.#join(null);
  }

  detach(): void {
    this.#session = undefined;
    this.#joining = false;
    this.#cancelJoin?.();
    this.#cancelJoin = undefined;
    this.#acks.stop();
  }

  /** `serverNow`: arrival on the server's clock, ms since 1970. */
  takeFrame(frame: DeskFrame, serverNow: number): void {
    if (this.#joining) {
      // Some platforms hand over all messages of one packet in one turn: this one may follow the reply that
      // `joined` has not seen yet. What the reply contains as well is a duplicate then.
      if (this.#held.length < SDK_LIMITS.maxHeldFrames) this.#held.push({ frame, serverNow });
      return;
    }
    const outcome = this.fold.takeFrame(frame);
    if (outcome === 'folded') {
      this.#lagMs = Math.max(0, serverNow - frame.ts);
      this.#collect(frame);
      this.#acks.folded(isUrgent(frame));
    } else if (outcome === 'gap') {
      this.#join(`a frame is missing before ${frame.seq}`);
    } else if (outcome === 'broken') {
      this.#join(`frame ${frame.seq} cannot be folded`);
    }
  }

  takeHead(head: HeadFrame): void {
    if (this.#joining) return;
    if (this.fold.isBehind(head)) this.#join(`the server is at ${head.seq}`);
    // Acknowledged although nothing is new: so the server measures how far away this device is.
    else this.#acks.folded(true);
  }

  #collect(frame: DeskFrame): void {
    this.#batch.push(frame);
    if (this.#batch.length > 1) return;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const frames = this.#batch;
    if (frames.length === 0) return;
    this.#batch = [];
    this.#handlers.onChange(frames);
    this.#handlers.onLag(this.#lagMs);
  }

  /** Asks for what is missing; not more often than once a second, and ever slower while it fails. */
  #join(reason: string | null): void {
    if (this.#joining) return;
    this.#joining = true;
    this.#handlers.onResuming(reason);
    const pause = Math.min(
      SDK_LIMITS.backoffCapMs,
      SDK_LIMITS.joinMinIntervalMs * 2 ** Math.max(0, this.#failures - 1),
    );
    const waitMs = this.#joinedAt + pause - this.#clock.now();
    if (waitMs <= 0) this.#ask();
    else this.#cancelJoin = this.#clock.after(waitMs, () => this.#ask());
  }

  #ask(): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#cancelJoin = undefined;
    this.#joinedAt = this.#clock.now();
    this.#held = [];
    const since = this.fold.position;
    session.call('subscribe', { channels: ['desk'], ...(since === undefined ? {} : { since }) }).then(
      ({ desk }) => this.#joined(session, desk as DeskJoin | undefined),
      (error: FillwireError) => {
        if (session === this.#session) this.#joinFailed(error.message);
      },
    );
  }

  #joined(session: SocketSession, join: DeskJoin | undefined): void {
    if (session !== this.#session) return;
    if (join === undefined) {
      this.#joinFailed('the reply to the join holds no desk');
      return;
    }
    // Frames folded before the join are older than what it brings.
    this.#flush();
    let outcome: ReturnType<DeskFold['takeJoin']>;
    try {
      outcome = this.fold.takeJoin(join, this.#compareHash);
    } catch {
      this.#joinFailed('the reply to the join is not as agreed');
      return;
    }
    if (outcome === 'broken') {
      this.#joinFailed(
        join.recovered ? 'what was missed came incomplete' : 'the snapshot does not match its hash',
      );
      return;
    }
    this.#joining = false;
    this.#failures = 0;
    if (outcome === 'snapshot' || outcome.length > 0) this.#handlers.onChange(outcome);
    this.#handlers.onLive();
    this.#acks.folded(true);
    for (const { frame, serverNow } of this.#held.splice(0)) this.takeFrame(frame, serverNow);
  }

  #joinFailed(reason: string): void {
    this.#joining = false;
    this.#failures += 1;
    this.#join(reason);
  }

  #sendAck(): void {
    const position = this.fold.position;
    if (position === undefined || this.#session === undefined) return;
    // Cumulative: a lost one is covered by the next, at the latest by the answer to the next head.
    this.#session.call('ack', { seq: position.seq }).catch(() => {});
  }
}
