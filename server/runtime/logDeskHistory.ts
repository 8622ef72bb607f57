import type { DeskFrame } from '../../shared/protocol/frames.ts';
import { emptyView, type View } from '../../shared/view/view.ts';
import { SNAPSHOT_VERSION } from '../core/fold/snapshot.ts';
import type { DeskHistory } from '../ports/deskGateway.ts';
import type { DeskLog } from '../ports/deskLog.ts';
import { decodeEvent } from './storedEvents.ts';
import { toWire } from './toWire.ts';

/** Frames and views read from the log: the same in every process. */
export class LogDeskHistory implements DeskHistory {
  readonly #log: DeskLog;
  readonly #epoch: string;

  constructor(log: DeskLog, epoch: string) {
    this.#log = log;
    this.#epoch = epoch;
  }

  epoch(): Promise<string> {
    return Promise.resolve(this.#epoch);
  }

  heads(deskIds: string[]): Promise<Map<string, number>> {
    return this.#log.heads(deskIds);
  }

  async framesAfter(deskId: string, after: number, limit: number): Promise<DeskFrame[]> {
    const stored = await this.#log.read(deskId, after, limit);
    return stored.map((event) => toWire(decodeEvent(event), this.#epoch, event.ts));
  }

  async baseView(deskId: string): Promise<{ seq: number; view: View }> {
    const snapshot = await this.#log.snapshot(deskId);
    if (snapshot === undefined || snapshot.version !== SNAPSHOT_VERSION) return { seq: 0, view: emptyView() };
    // Written by prepareBatch from a View.
    return { seq: snapshot.seq, view: JSON.parse(snapshot.view) as View };
  }
}
