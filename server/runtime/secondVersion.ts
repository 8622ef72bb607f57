import type { Position } from '../../shared/domain/position.ts';

/*
 * Events of version 2 said of a close only when it was due; one that was due since the opening had been asked for by hand.
 */

interface OldPosition extends Omit<Position, 'protection'> {
  protection: Omit<Position['protection'], 'close'> & { closeAt: number | null };
}

/** What events carry, by the name it has in their data. */
export interface OldData {
  position?: OldPosition;
}

/** What an event of version 2 carries, as it is carried now. */
export function ofSecondVersion(data: OldData): object {
  if (data.position === undefined) return data;
  const { protection, ...position } = data.position;
  const { closeAt, ...rest } = protection;
  const why = closeAt !== null && closeAt <= position.openedAt ? 'manual' : 'time';
  const close: Position['protection']['close'] = closeAt === null ? null : { why, at: closeAt };
  return { ...data, position: { ...position, protection: { ...rest, close } } };
}
