import type { DeskFrame } from '../../shared/protocol/frames.ts';
import { reduceView } from '../../shared/view/reduceView.ts';
import { emptyView, type View } from '../../shared/view/view.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeskHistory } from '../ports/deskGateway.ts';
import type { Logger } from '../ports/logger.ts';
import type { Channel, Publish } from './channel.ts';
import { DeliveryMarks } from './deliveryMarks.ts';
import { FrameRing } from './frameRing.ts';
import type { GatewayLimits } from './limits.ts';
import type { TurnQueue, TurnTask } from './turnQueue.ts';
import { snapshotOf, type ViewSnapshot } from './viewSnapshot.ts';

export interface FeedContext {
  clock: Clock;
  logger: Logger;
  limits: GatewayLimits;
  deskHistory: DeskHistory;
  turns: TurnQueue;
  publish: Publish;
  /** A frame of another epoch came: the log was restored. */
  onForeignEpoch: (epoch: string) => void;
}

/** Where a client left off. */
export interface Since {
  epoch: string;
  seq: number;
}

/** Frames read from the log for one join, because the ring has them no more. */
interface Backfill {
  after: number;
  frames: Buffer[];
}

/** Of clients of one desk that say they are ahead of the log one line is written in this time. */
const AHEAD_EVERY_MS = 60_000;

const NO_BUFFERS: readonly Buffer[] = [];

/**
 * One desk as this process serves it: the folded view, the last frames, and the queue of what is not published yet.
 * Frames are folded in seq order without a gap; what the bus lost is read from the log.
 */
export class DeskFeed implements Channel, TurnTask {
  readonly name = 'desk';
  readonly latestWins = false;
  readonly topic: string;
  readonly deskId: string;
  readonly epoch: string;
  readonly marks: DeliveryMarks;
  members = 0;
  queued = false;
  /** Requests at work with this feed, which must not be dropped under them. */
  holds = 0;
  idleSince: number;
  /** Wall time of the last `head` push; 0: none yet. */
  headSentAt = 0;
  view: View = emptyView();
  /** Everything up to here is folded. */
  seq = 0;
  /** The highest seq heard of; above `seq` means a gap. */
  #noticed = 0;
  #loaded = false;
  #catching: Promise<void> | null = null;
  #ring: FrameRing;
  #pending: Buffer[] = [];
  #snapshot: ViewSnapshot | null = null;
  /** Resumes beyond the head that were not told yet, and from when on (ms) the next is. */
  #ahead = { times: 0, nextAt: Number.NEGATIVE_INFINITY };
  readonly #context: FeedContext;

  constructor(deskId: string, epoch: string, context: FeedContext) {
    this.deskId = deskId;
    this.epoch = epoch;
    this.topic = `desk:${deskId}`;
    this.#context = context;
    this.idleSince = context.clock.elapsed();
    this.marks = new DeliveryMarks(context.limits.deliveryMarks);
    this.#ring = new FrameRing(0, context.limits.ringFrames, context.limits.ringBytes);
  }

  prepare(): null {
    return null;
  }

  latest(): readonly Buffer[] {
    return NO_BUFFERS;
  }

  onEmpty(): void {
    this.idleSince = this.#context.clock.elapsed();
  }

  /** Reads the desk from the log. The bus must be followed already: what it brings meanwhile is only noticed. */
  async load(): Promise<void> {
    const { deskHistory, limits } = this.#context;
    const base = await deskHistory.baseView(this.deskId);
    this.view = base.view;
    this.seq = base.seq;
    this.#ring = new FrameRing(base.seq, limits.ringFrames, limits.ringBytes);
    this.#loaded = true;
    await this.checkHead();
  }

  /** Asks the log for its head and reads what is missing. Rejects when the log cannot be read. */
  async checkHead(): Promise<void> {
    const heads = await this.#context.deskHistory.heads([this.deskId]);
    this.#noticed = Math.max(this.#noticed, heads.get(this.deskId) ?? 0);
    await this.catchUp();
  }

  /** From the bus. `committedAt`: wall time of the commit, ms. */
  receive(frames: readonly DeskFrame[], committedAt: number): void {
    for (const frame of frames) {
      if (frame.epoch !== this.epoch) {
        this.#context.onForeignEpoch(frame.epoch);
        return;
      }
      if (frame.seq <= this.seq) continue;
      if (!this.#loaded || frame.seq > this.seq + 1) {
        this.notice(frames[frames.length - 1]?.seq ?? 0);
        return;
      }
      this.#fold(frame, committedAt);
    }
  }

  /** Somebody says the desk is at `seq`: if we are not, something was lost on the way. */
  notice(seq: number): void {
    this.#noticed = Math.max(this.#noticed, seq);
    if (!this.#loaded || this.#noticed <= this.seq) return;
    this.catchUp().catch((error: unknown) => {
      // The next reading of the heads tries again.
      this.#context.logger.warn(
        { deskId: this.deskId, seq: this.seq, error },
        'missing frames could not be read',
      );
    });
  }

  /** Reads from the log what was noticed but not received; one reading at a time. */
  catchUp(): Promise<void> {
    if (this.#noticed <= this.seq) return Promise.resolve();
    this.#catching ??= this.#readMissing().finally(() => {
      this.#catching = null;
    });
    return this.#catching;
  }

  /** Publishes what was folded since the last flush. */
  flush(): void {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    for (const frame of pending) this.#context.publish(this.topic, frame);
  }

  publishHead(now: number): void {
    this.flush();
    this.headSentAt = now;
    const head = { ch: 'desk', kind: 'head', epoch: this.epoch, seq: this.seq };
    this.#context.publish(this.topic, Buffer.from(JSON.stringify(head)));
  }

  /** What a resume needs beyond the ring. Afterwards `join` answers at once. */
  async backfill(since: Since): Promise<Backfill | undefined> {
    if (since.epoch !== this.epoch) return undefined;
    if (since.seq > this.seq) {
      await this.checkHead();
      if (since.seq > this.seq) {
        this.#noteAhead(since.seq);
        return undefined;
      }
    }
    if (!this.#resumes(since) || this.#ring.after(since.seq) !== undefined) return undefined;
    const { deskHistory, limits } = this.#context;
    const frames = await deskHistory.framesAfter(this.deskId, since.seq, limits.resumeFrames);
    return { after: since.seq, frames: frames.map(serialise) };
  }

  /** True where `backfill` has something to read first. */
  needsBackfill(since: Since): boolean {
    if (since.epoch !== this.epoch) return false;
    return since.seq > this.seq || (this.#resumes(since) && this.#ring.after(since.seq) === undefined);
  }

  /**
   * The `desk` part of a subscribe reply, as JSON text: the frames missed, or the whole view. The caller subscribes in
   * the same block, so that nothing falls between.
   */
  join(since: Since | undefined, backfill: Backfill | undefined): Buffer {
    this.flush();
    const at = `{"at":{"epoch":${JSON.stringify(this.epoch)},"seq":${this.seq}},"recovered":`;
    const missed = since === undefined ? undefined : this.#missedSince(since, backfill);
    if (missed !== undefined)
      return Buffer.concat([Buffer.from(`${at}true,"frames":[`), ...commaSeparated(missed), END]);
    if (this.#snapshot?.seq !== this.seq) this.#snapshot = snapshotOf(this.epoch, this.seq, this.view);
    return Buffer.from(`${at}false,"snapshot":${this.#snapshot.json},"hash":"${this.#snapshot.hash}"}`);
  }

  /** A client can say what it likes, as often as it may ask: it is no alarm, and no line of its own each time. */
  #noteAhead(clientSeq: number): void {
    const now = this.#context.clock.elapsed();
    this.#ahead.times += 1;
    if (now < this.#ahead.nextAt) return;
    const { deskId, seq } = this;
    const { times } = this.#ahead;
    this.#context.logger.warn(
      { deskId, seq, clientSeq, times },
      'a client says that it is ahead of the log: it gets a snapshot',
    );
    this.#ahead = { times: 0, nextAt: now + AHEAD_EVERY_MS };
  }

  #resumes(since: Since): boolean {
    const missed = this.seq - since.seq;
    return since.epoch === this.epoch && missed >= 0 && missed <= this.#context.limits.resumeFrames;
  }

  #missedSince(since: Since, backfill: Backfill | undefined): Buffer[] | undefined {
    if (!this.#resumes(since)) return undefined;
    const kept = this.#ring.after(since.seq);
    if (kept !== undefined || backfill?.after !== since.seq) return kept;
    const rest = this.#ring.after(since.seq + backfill.frames.length);
    return rest === undefined ? undefined : [...backfill.frames, ...rest];
  }

  #fold(frame: DeskFrame, committedAt: number): void {
    reduceView(this.view, frame);
    this.seq = frame.seq;
    this.#snapshot = null;
    const buffer = serialise(frame);
    this.#ring.push(buffer);
    this.marks.note(frame, committedAt, this.#context.clock.now());
    if (this.members === 0) return;
    this.#pending.push(buffer);
    this.#context.turns.add(this);
  }

  async #readMissing(): Promise<void> {
    while (this.seq < this.#noticed) {
      const frames = await this.#context.deskHistory.framesAfter(
        this.deskId,
        this.seq,
        this.#context.limits.resumeFrames,
      );
      let progressed = false;
      for (const frame of frames) {
        if (frame.epoch !== this.epoch) return this.#context.onForeignEpoch(frame.epoch);
        if (frame.seq !== this.seq + 1) continue;
        this.#fold(frame, frame.ts);
        progressed = true;
      }
      if (progressed || this.seq >= this.#noticed) continue;
      // Said to exist, but not in the log: believe the log, until somebody says it again.
      this.#context.logger.warn(
        { deskId: this.deskId, seq: this.seq, noticed: this.#noticed },
        'frames not in the log',
      );
      this.#noticed = this.seq;
    }
  }
}

const COMMA = Buffer.from(',');
const END = Buffer.from(']}');

function serialise(frame: DeskFrame): Buffer {
  return Buffer.from(JSON.stringify(frame));
}

function commaSeparated(frames: readonly Buffer[]): Buffer[] {
  return frames.flatMap((frame, index) => (index === 0 ? [frame] : [COMMA, frame]));
}
