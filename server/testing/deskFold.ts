import type { DeskFrame } from '../../shared/protocol/frames.ts';
import type { DeskJoin, Push } from '../../shared/protocol/serverMessage.ts';
import { hashView } from '../../shared/view/hashView.ts';
import { reduceView } from '../../shared/view/reduceView.ts';
import { emptyView, type View } from '../../shared/view/view.ts';
import type { WireReply } from './wireClient.ts';

/** What a client knows of its desk, folded from joins and frames; complains of gaps, repeats and wrong hashes. */
export class DeskFold {
  view: View = emptyView();
  epoch = '';
  seq = 0;
  snapshots = 0;
  resumes = 0;
  /** Every frame received once, snapshots apart. */
  readonly seqs: number[] = [];

  get since(): { epoch: string; seq: number } {
    return { epoch: this.epoch, seq: this.seq };
  }

  get hash(): string {
    return hashView(this.epoch, this.seq, this.view);
  }

  /** The reply to a subscribe of `desk`. */
  join(reply: WireReply): void {
    if (!reply.ok) throw new Error(reply.error.message);
    const desk = reply.result.desk as DeskJoin;
    if (desk.recovered) {
      this.resumes += 1;
      for (const frame of desk.frames) this.#frame(frame);
    } else {
      this.snapshots += 1;
      this.view = desk.snapshot;
      this.seq = desk.at.seq;
      this.epoch = desk.at.epoch;
      if (this.hash !== desk.hash)
        throw new Error(`the snapshot at ${this.seq} has another hash than its view`);
    }
    if (this.seq !== desk.at.seq)
      throw new Error(`joined at ${desk.at.seq}, but got frames up to ${this.seq}`);
  }

  push(push: Push): void {
    if (push.ch !== 'desk') return;
    if (push.kind === 'head') {
      if (push.seq !== this.seq) throw new Error(`head says ${push.seq}, folded up to ${this.seq}`);
      return;
    }
    this.#frame(push);
  }

  #frame(frame: DeskFrame): void {
    if (frame.seq !== this.seq + 1) throw new Error(`frame ${frame.seq} after ${this.seq}`);
    reduceView(this.view, frame);
    this.seq = frame.seq;
    this.seqs.push(frame.seq);
  }
}
