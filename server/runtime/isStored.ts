import type { DeskAppend, StoredEvent } from '../ports/deskLog.ts';

/**
 * Whether what the log has where `append` belongs is this append: the head alone may have been brought there by another
 * process that took the desks over meanwhile.
 */
export function isStored(append: DeskAppend, stored: readonly StoredEvent[]): boolean {
  return append.events.every((event, index) => {
    const there = stored[index];
    return (
      there !== undefined && there.kind === event.kind && there.ts === event.ts && there.body === event.body
    );
  });
}
