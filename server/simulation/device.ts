import type { DeskFrame } from '../../shared/protocol/frames.ts';
import { reduceView } from '../../shared/view/reduceView.ts';
import { emptyView, type View } from '../../shared/view/view.ts';
import { InvariantBroken } from './broken.ts';
import { checkFrameOwner } from './invariants/owner.ts';
import type { LogModel } from './logModel.ts';
import { isSame } from './sameState.ts';
import type { SimDevice } from './simDevice.ts';

/** A device that shows one desk: folds the frames it is sent; what a crash kept from it, it asks for. */
export class Device implements SimDevice {
  seq = 0;
  view: View = emptyView();
  readonly #deskId: string;
  readonly #log: LogModel;
  readonly #skipsEvery: number;

  constructor(deskId: string, log: LogModel, skips = false) {
    this.#skipsEvery = skips ? 20 : Number.POSITIVE_INFINITY;
    this.#deskId = deskId;
    this.#log = log;
  }

  /** `isOwners`: not from a process that was taken over, whose frames are old news: the device asked for them since. */
  receive(frames: readonly DeskFrame[], isOwners: boolean): void {
    for (const frame of frames) {
      checkFrameOwner(this.#log, this.#deskId, frame);
      if (frame.seq > this.#log.head(this.#deskId))
        throw new InvariantBroken('INV-1', `frame ${frame.seq} before it was committed`);
      if (!isOwners && frame.seq <= this.seq) continue;
      if (frame.seq !== this.seq + 1)
        throw new InvariantBroken('INV-3', `frame ${frame.seq} after ${this.seq}`);
      this.seq = frame.seq;
      if (frame.seq % this.#skipsEvery !== 0) reduceView(this.view, frame);
    }
  }

  /** After its server died: frames that were committed and never sent come with a snapshot of the view. */
  resume(): void {
    const committed = this.#log.committed(this.#deskId);
    if (committed === undefined || committed.desk.seq === this.seq) return;
    this.seq = committed.desk.seq;
    this.view = copyOf(committed.view);
  }

  /** What a model of a server did not send, it is given when the next one serves. */
  behind(): undefined {}

  /** Throws unless it shows exactly the committed state. */
  check(): void {
    const committed = this.#log.committed(this.#deskId);
    if (committed === undefined || committed.desk.seq !== this.seq) return;
    if (!isSame(committed.view, this.view))
      throw new InvariantBroken('INV-3', `the view of ${this.#deskId} is not the fold of its frames`);
  }
}

/** The containers anew, the frozen entities as they are. */
function copyOf(view: View): View {
  const parts = Object.entries(view).map(([name, part]) => [
    name,
    Array.isArray(part) ? [...part] : { ...part },
  ]);
  return Object.fromEntries(parts) as View;
}
