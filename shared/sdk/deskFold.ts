import type { DeskFrame } from '../protocol/frames.ts';
import type { DeskJoin, LogPosition } from '../protocol/serverMessage.ts';
import { hashView } from '../view/hashView.ts';
import { reduceView } from '../view/reduceView.ts';
import { emptyView, type View } from '../view/view.ts';

/**
 * - `folded`: the view moved on
 * - `duplicate`: known already, nothing changed
 * - `gap`: something in between is missing; join again from `position`
 * - `broken`: what came cannot be folded; join again for a snapshot (`position` is forgotten)
 */
export type FoldOutcome = 'folded' | 'duplicate' | 'gap' | 'broken';

/** The desk as this client knows it: every frame folded exactly once, in order. */
export class DeskFold {
  readonly view: View = emptyView();
  #at: LogPosition | undefined;

  get position(): LogPosition | undefined {
    return this.#at;
  }

  /** Frames of the join that were new, or that the view was replaced, or why it cannot be used. */
  takeJoin(join: DeskJoin, compareHash: boolean): DeskFrame[] | 'snapshot' | 'broken' {
    if (!join.recovered) {
      const { epoch, seq } = join.at;
      if (compareHash && hashView(epoch, seq, join.snapshot) !== join.hash) return this.#broken();
      // In place: whoever holds the view keeps holding it.
      for (const key of Object.keys(this.view)) delete this.view[key as keyof View];
      Object.assign(this.view, emptyView(), join.snapshot);
      this.#at = { epoch, seq };
      return 'snapshot';
    }
    if (this.#at === undefined) return this.#broken();
    const folded: DeskFrame[] = [];
    for (const frame of join.frames) {
      const outcome = this.takeFrame(frame);
      if (outcome === 'folded') folded.push(frame);
      else if (outcome !== 'duplicate') return this.#broken();
    }
    // "Recovered" promises everything up to `at`; less than that is not the truth.
    if (join.at.epoch !== this.#at.epoch || join.at.seq > this.#at.seq) return this.#broken();
    return folded;
  }

  takeFrame(frame: DeskFrame): FoldOutcome {
    if (this.#at === undefined || frame.epoch !== this.#at.epoch) return this.#broken();
    if (frame.seq <= this.#at.seq) return 'duplicate';
    if (frame.seq !== this.#at.seq + 1) return 'gap';
    try {
      reduceView(this.view, frame);
    } catch {
      return this.#broken();
    }
    this.#at = { epoch: this.#at.epoch, seq: frame.seq };
    return 'folded';
  }

  /** Whether the server is ahead of us, or speaks of another log. */
  isBehind(head: LogPosition): boolean {
    return this.#at === undefined || head.epoch !== this.#at.epoch || head.seq > this.#at.seq;
  }

  hash(): string {
    return hashView(this.#at?.epoch ?? '', this.#at?.seq ?? 0, this.view);
  }

  #broken(): 'broken' {
    this.#at = undefined;
    return 'broken';
  }
}
