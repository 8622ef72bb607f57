import type { CommandRecord, DeskAppend, StoredEvent } from '../ports/deskLog.ts';

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

/** Whether the answer that the log has for this command is this one, not that of another process or attempt. */
export function isAnswerStored(record: CommandRecord, stored: CommandRecord | undefined): boolean {
  return stored?.reply === record.reply && stored.argsHash === record.argsHash;
}
