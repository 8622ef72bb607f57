import type { Emergency, Origin } from '../../../shared/domain/alert.ts';

/** Whether it still has something to do: not done, or something that it had to leave is tried on. */
export function isUnderWay(emergency: Emergency): boolean {
  return emergency.stage !== 'done' || emergency.residual.some((row) => row.closedAt === undefined);
}

/** Whose an order or a position is. */
export function originOf(entity: { botId: string | null; foreign?: boolean | undefined }): Origin {
  if (entity.botId !== null) return 'bot';
  return entity.foreign === true ? 'foreign' : 'manual';
}
