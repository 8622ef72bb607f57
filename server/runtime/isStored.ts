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

/**
 * Whether the answers that the log has for these commands are these ones, not those of another process or attempt.
 * `stored`: for each command, in order. All must be: another process may have answered one of them alike. Of none, nothing is stored.
 */
export function areAnswersStored(
  commands: readonly CommandRecord[],
  stored: readonly (CommandRecord | undefined)[],
): boolean {
  return (
    commands.length > 0 &&
    commands.every(({ reply, argsHash }, index) => {
      const there = stored[index];
      return there?.reply === reply && there.argsHash === argsHash;
    })
  );
}
