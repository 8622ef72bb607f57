import type { View } from '../../shared/view/view.ts';
import type { Desk } from '../core/desk.ts';
import type { DeskEvent } from '../core/events.ts';
import { serializeDesk } from '../core/snapshot.ts';
import type { StoredEvent, StoredSnapshot } from '../ports/deskLog.ts';
import type { PreparedBatch } from '../runtime/batch.ts';
import { foldStored, type LoadedDesk, startOfLoad } from '../runtime/loadDesk.ts';
import { decodeEvent } from '../runtime/storedEvents.ts';
import { InvariantBroken } from './broken.ts';

export const EPOCH = 'simulation';

interface StoredDesk {
  events: StoredEvent[];
  snapshot: StoredSnapshot | undefined;
  /** Folded from each stored event as it was written: the committed state that everything is compared with. */
  committed: LoadedDesk;
}

/** The event log: what an append has written stays, whoever dies. */
export class LogModel {
  readonly #desks = new Map<string, StoredDesk>();

  deskIds(): string[] {
    return [...this.#desks.keys()];
  }

  head(deskId: string): number {
    return this.#desks.get(deskId)?.events.length ?? 0;
  }

  /** One transaction: all desks or none. Returns what was written, decoded. */
  append(prepared: readonly PreparedBatch[]): { deskId: string; events: DeskEvent[] }[] {
    for (const { append } of prepared) {
      const head = this.head(append.deskId);
      if (append.expectedSeq !== head)
        throw new InvariantBroken('INV-3', `append after ${append.expectedSeq}, the head is ${head}`);
      append.events.forEach((event, index) => {
        if (event.seq !== head + 1 + index)
          throw new InvariantBroken('INV-3', `event ${event.seq} at ${head + 1 + index}`);
      });
    }
    return prepared.map(({ append }) => {
      const desk = this.#desk(append.deskId);
      desk.events.push(...append.events);
      foldStored(desk.committed, append.events, EPOCH);
      if (append.snapshot !== undefined) desk.snapshot = append.snapshot;
      return { deskId: append.deskId, events: append.events.map(decodeEvent) };
    });
  }

  committed(deskId: string): { desk: Desk; view: View } | undefined {
    return this.#desks.get(deskId)?.committed;
  }

  /** What a process that takes the desk over makes of snapshot and log. */
  load(deskId: string): LoadedDesk {
    const stored = this.#desks.get(deskId);
    const loaded = startOfLoad(deskId, stored?.snapshot);
    if (stored === undefined) return loaded;
    foldStored(loaded, stored.events.slice(loaded.desk.seq), EPOCH);
    loaded.lastEventAt = stored.events[stored.events.length - 1]?.ts ?? null;
    return loaded;
  }

  /** Throws unless a replay of the whole log, without snapshot, gives the committed state. */
  checkReplay(deskId: string): void {
    const stored = this.#desks.get(deskId);
    if (stored === undefined) return;
    const replayed = startOfLoad(deskId, undefined);
    foldStored(replayed, stored.events, EPOCH);
    const loaded = this.load(deskId);
    for (const [how, other] of [
      ['a replay of the whole log', replayed],
      ['snapshot and replay', loaded],
    ] as const) {
      if (serializeDesk(other.desk) !== serializeDesk(stored.committed.desk))
        throw new InvariantBroken('INV-3', `${how} gives another desk than the committed one`);
      if (JSON.stringify(other.view) !== JSON.stringify(stored.committed.view))
        throw new InvariantBroken('INV-3', `${how} gives another view than the committed one`);
    }
  }

  #desk(deskId: string): StoredDesk {
    const known = this.#desks.get(deskId);
    if (known !== undefined) return known;
    const made = { events: [], snapshot: undefined, committed: startOfLoad(deskId, undefined) };
    this.#desks.set(deskId, made);
    return made;
  }
}
