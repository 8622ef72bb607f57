import type { Origin } from '../../../shared/domain/alert.ts';

/** Whose an order or a position is. */
export function originOf(entity: { botId: string | null; foreign?: boolean | undefined }): Origin {
  if (entity.botId !== null) return 'bot';
  return entity.foreign === true ? 'foreign' : 'manual';
}
