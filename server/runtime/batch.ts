import type { DeskFrame } from '../../shared/protocol/frames.ts';
import { reduceView } from '../../shared/view/reduceView.ts';
import type { Effect } from '../core/effects.ts';
import type { DeskEvent } from '../core/events.ts';
import { SNAPSHOT_VERSION, serializeDesk } from '../core/fold/snapshot.ts';
import { isAtRest } from '../core/watch/atRest.ts';
import type { CommandReply } from '../ports/deskGateway.ts';
import type { CommandRecord, DeskAppend } from '../ports/deskLog.ts';
import { accountsOf, accountsText, type DeskRecord } from './deskRecord.ts';
import { projectionsOf } from './projectionsOf.ts';
import { encodeEvent } from './storedEvents.ts';
import { toWire } from './toWire.ts';

/** Events between two snapshots of a desk: bounds what a start has to replay. */
export const SNAPSHOT_EVERY_EVENTS = 500;

/** What one desk has decided and not yet committed. */
export interface DeskBatch {
  record: DeskRecord;
  expectedSeq: number;
  events: DeskEvent[];
  effects: Effect[];
  commands: CommandRecord[];
  /** Told once the batch is durable. */
  replies: { answer(reply: CommandReply): void; reply: CommandReply }[];
}

export function newDeskBatch(record: DeskRecord, expectedSeq: number): DeskBatch {
  return { record, expectedSeq, events: [], effects: [], commands: [], replies: [] };
}

export interface PreparedBatch {
  batch: DeskBatch;
  append: DeskAppend;
  frames: DeskFrame[];
}

/** Folds the batch into the desk's view and makes its rows; a snapshot rides along when one is due. */
export function prepareBatch(
  batch: DeskBatch,
  epoch: string,
  ts: number,
  snapshotEveryEvents = SNAPSHOT_EVERY_EVENTS,
): PreparedBatch {
  const { record, events, expectedSeq, commands } = batch;
  const frames = events.map((event) => toWire(event, epoch, ts));
  for (const frame of frames) reduceView(record.view, frame);
  const seq = expectedSeq + events.length;
  const append: DeskAppend = {
    deskId: record.deskId,
    expectedSeq,
    events: events.map((event) => encodeEvent(record.deskId, event, ts)),
    commands,
    projections: projectionsOf(events),
    awake: true,
  };
  // Else the desk is exactly at the end of this batch: nothing is decided between here and the append.
  if (record.desk.seq !== seq) return { batch, append, frames };
  append.awake = !isAtRest(record.desk);
  if (record.storedAccounts === null || events.some(({ kind }) => kind.startsWith('Account'))) {
    const accounts = accountsText(record.desk);
    if (accounts !== record.storedAccounts) append.accounts = accountsOf(record.desk);
    record.storedAccounts = accounts;
  }
  if (seq - record.snapshotSeq >= snapshotEveryEvents) {
    append.snapshot = {
      deskId: record.deskId,
      seq,
      version: SNAPSHOT_VERSION,
      state: serializeDesk(record.desk),
      view: JSON.stringify(record.view),
    };
    record.snapshotSeq = seq;
  }
  return { batch, append, frames };
}
