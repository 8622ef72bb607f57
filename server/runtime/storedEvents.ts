import type { DeskEvent } from '../core/events.ts';
import type { StoredEvent } from '../ports/deskLog.ts';
import { ofFirstVersion } from './firstVersion/events.ts';
import { type OldData, ofSecondVersion } from './secondVersion.ts';
import { ofThirdVersion } from './thirdVersion.ts';

/** Version of the shape that events are written in now. */
const EVENT_VERSION = 4;

/** A log written by a newer server: this one must not go on with it. */
class UnknownEventVersion extends Error {
  override name = 'UnknownEventVersion';
}

type Body = Pick<DeskEvent, 'by' | 'cause' | 'data'>;

export function encodeEvent(deskId: string, event: DeskEvent, ts: number): StoredEvent {
  const { by, cause, data } = event;
  return {
    deskId,
    seq: event.seq,
    version: EVENT_VERSION,
    kind: event.kind,
    ts,
    body: JSON.stringify({ by, cause, data }),
  };
}

/** Reads an event of any version up to ours. Throws UnknownEventVersion beyond. */
export function decodeEvent(stored: StoredEvent): DeskEvent {
  if (stored.version > EVENT_VERSION) {
    throw new UnknownEventVersion(
      `event ${stored.deskId}/${stored.seq} has version ${stored.version}; this server knows up to ${EVENT_VERSION}: update it`,
    );
  }
  // Written by encodeEvent: shapes of a version never change.
  const body = JSON.parse(stored.body) as Body;
  const second = stored.version === 1 ? ofFirstVersion(body.data) : body.data;
  const third = stored.version <= 2 ? ofSecondVersion(second as OldData) : second;
  const data = stored.version <= 3 ? ofThirdVersion(stored, third as object) : third;
  return { seq: stored.seq, kind: stored.kind, ...body, data } as DeskEvent;
}
