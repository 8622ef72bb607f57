import { reduceView } from '../../shared/view/reduceView.ts';
import { emptyView, type View } from '../../shared/view/view.ts';
import { type Desk, newDesk } from '../core/desk.ts';
import type { DeskEvent } from '../core/events.ts';
import { apply } from '../core/fold/apply.ts';
import { deserializeDesk, SNAPSHOT_VERSION } from '../core/fold/snapshot.ts';
import type { DeskLog, StoredEvent, StoredSnapshot } from '../ports/deskLog.ts';
import { decodeEvent } from './storedEvents.ts';
import { toWire } from './toWire.ts';

/** Events read from the log at a time while a desk is rebuilt. */
const READ_PAGE = 2_000;
/** Of each desk, where several are rebuilt at once: hardly any has more after its snapshot. */
const SHARED_PAGE = 600;

export interface LoadedDesk {
  desk: Desk;
  view: View;
  /** Of the snapshot it was rebuilt from; 0: from the start. */
  snapshotSeq: number;
  /** Wall time of its last event; null: it has none. */
  lastEventAt: number | null;
}

/** Where a rebuild starts: the snapshot if this server can read it, else nothing at all. */
export function startOfLoad(deskId: string, snapshot: StoredSnapshot | undefined): LoadedDesk {
  if (snapshot?.version !== SNAPSHOT_VERSION)
    return { desk: newDesk(deskId), view: emptyView(), snapshotSeq: 0, lastEventAt: null };
  return {
    desk: deserializeDesk(snapshot.state),
    view: JSON.parse(snapshot.view) as View,
    snapshotSeq: snapshot.seq,
    lastEventAt: null,
  };
}

/** Folds events that follow into the desk and its view, in place. */
function foldStored(loaded: LoadedDesk, events: readonly StoredEvent[], epoch: string): void {
  for (const stored of events) foldEvent(loaded, decodeEvent(stored), stored.ts, epoch);
}

/** Folds one event, committed at wall time `ts`. */
export function foldEvent(loaded: LoadedDesk, event: DeskEvent, ts: number, epoch: string): void {
  apply(loaded.desk, event);
  reduceView(loaded.view, toWire(event, epoch, ts));
  loaded.lastEventAt = ts;
}

/** Rebuilds a desk and its view from the latest snapshot and the events after it. */
export async function loadDesk(log: DeskLog, deskId: string, epoch: string): Promise<LoadedDesk> {
  const loaded = startOfLoad(deskId, await log.snapshot(deskId));
  await foldRest(loaded, log, epoch);
  return loaded;
}

/** The same of several at once: what each has is asked for together. */
export async function loadDesks(
  log: DeskLog,
  deskIds: readonly string[],
  epoch: string,
): Promise<LoadedDesk[]> {
  const snapshots = await log.snapshots([...deskIds]);
  const stored = new Map(snapshots.map((snapshot) => [snapshot.deskId, snapshot]));
  const all = new Map(deskIds.map((deskId) => [deskId, startOfLoad(deskId, stored.get(deskId))]));
  const wanted = [...all].map(([deskId, { desk }]) => ({ deskId, after: desk.seq }));
  const pages = new Map<string, StoredEvent[]>(wanted.map(({ deskId }) => [deskId, []]));
  for (const event of await log.readAll(wanted, SHARED_PAGE)) pages.get(event.deskId)?.push(event);
  for (const [deskId, loaded] of all) {
    const page = pages.get(deskId) ?? [];
    foldStored(loaded, page, epoch);
    if (page.length === SHARED_PAGE || loaded.lastEventAt === null) await foldRest(loaded, log, epoch);
  }
  return [...all.values()];
}

/** All that follows what is folded already. */
async function foldRest(loaded: LoadedDesk, log: DeskLog, epoch: string): Promise<void> {
  const { desk } = loaded;
  for (;;) {
    const page = await log.read(desk.deskId, desk.seq, READ_PAGE);
    foldStored(loaded, page, epoch);
    if (page.length < READ_PAGE) break;
  }
  if (loaded.lastEventAt === null && desk.seq > 0) {
    // The snapshot has it all.
    const [last] = await log.read(desk.deskId, desk.seq - 1, 1);
    loaded.lastEventAt = last?.ts ?? null;
  }
}
