import { reduceView } from '../../shared/view/reduceView.ts';
import { emptyView, type View } from '../../shared/view/view.ts';
import { apply } from '../core/apply.ts';
import { type Desk, newDesk } from '../core/desk.ts';
import { deserializeDesk, SNAPSHOT_VERSION } from '../core/snapshot.ts';
import type { DeskLog } from '../ports/deskLog.ts';
import { decodeEvent } from './storedEvents.ts';
import { toWire } from './toWire.ts';

/** Events read from the log at a time while a desk is rebuilt. */
const READ_PAGE = 2_000;

export interface LoadedDesk {
  desk: Desk;
  view: View;
  /** Of the snapshot it was rebuilt from; 0: from the start. */
  snapshotSeq: number;
  /** Wall time of its last event; null: it has none. */
  lastEventAt: number | null;
}

/** Rebuilds a desk and its view from the latest snapshot and the events after it. */
export async function loadDesk(log: DeskLog, deskId: string, epoch: string): Promise<LoadedDesk> {
  const snapshot = await log.snapshot(deskId);
  const usable = snapshot?.version === SNAPSHOT_VERSION ? snapshot : undefined;
  const desk = usable === undefined ? newDesk(deskId) : deserializeDesk(usable.state);
  const view = usable === undefined ? emptyView() : (JSON.parse(usable.view) as View);
  let lastEventAt: number | null = null;
  for (;;) {
    const page = await log.read(deskId, desk.seq, READ_PAGE);
    for (const stored of page) {
      const event = decodeEvent(stored);
      apply(desk, event);
      reduceView(view, toWire(event, epoch, stored.ts));
      lastEventAt = stored.ts;
    }
    if (page.length < READ_PAGE) break;
  }
  if (lastEventAt === null && desk.seq > 0) {
    // The snapshot has it all.
    const [last] = await log.read(deskId, desk.seq - 1, 1);
    lastEventAt = last?.ts ?? null;
  }
  return { desk, view, snapshotSeq: usable?.seq ?? 0, lastEventAt };
}
