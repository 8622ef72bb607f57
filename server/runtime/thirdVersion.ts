import type { EventData } from '../core/events.ts';
import type { StoredEvent } from '../ports/deskLog.ts';

/*
 * Events of version 3 knew one cursor for fills and bills together, and not since when a balance had differed: a second
 * comparison told of it whenever it came.
 */

interface OldReconciled extends Omit<EventData['Reconciled'], 'cursors'> {
  cursor: number;
}

/** What an event of version 3 carries, as it is carried now. */
export function ofThirdVersion({ kind, ts }: Pick<StoredEvent, 'kind' | 'ts'>, data: object): object {
  if (kind === 'BalanceCompared') return { ...data, ts };
  if (kind !== 'Reconciled') return data;
  const { cursor, ...rest } = data as OldReconciled;
  return { ...rest, cursors: { fills: cursor, bills: cursor } };
}
