import type { DeskFrame } from '../../../shared/protocol/frames.ts';
import type { Effect } from '../../core/effects.ts';
import { InvariantBroken } from '../broken.ts';
import type { LogModel } from '../logModel.ts';

/** Nobody is shown what is another's. */
export function checkFrameOwner(log: LogModel, deskId: string, frame: DeskFrame): void {
  const accountId = accountOf(frame.data);
  if (accountId !== undefined && isOthers(log, deskId, accountId))
    throw new InvariantBroken('INV-11', `a device of ${deskId} is sent ${frame.kind} of ${accountId}`);
}

/** Nobody moves what is another's. */
export function checkEffectOwner(log: LogModel, deskId: string, effect: Effect): void {
  const accountId =
    'order' in effect ? effect.order.accountId : 'accountId' in effect ? effect.accountId : undefined;
  if (accountId !== undefined && isOthers(log, deskId, accountId))
    throw new InvariantBroken('INV-11', `${effect.type} of ${deskId} concerns ${accountId}`);
}

/** The desk of an account, as the log has it. */
export function deskOf(log: LogModel, accountId: string): string | undefined {
  for (const deskId of log.deskIds())
    if (log.committed(deskId)?.desk.accounts.has(accountId) === true) return deskId;
  return undefined;
}

function accountOf(data: object): string | undefined {
  for (const value of Object.values(data)) {
    if (typeof value !== 'object' || value === null || !('accountId' in value)) continue;
    if (typeof value.accountId === 'string') return value.accountId;
  }
  return undefined;
}

function isOthers(log: LogModel, deskId: string, accountId: string): boolean {
  for (const other of log.deskIds())
    if (other !== deskId && log.committed(other)?.desk.accounts.has(accountId)) return true;
  return false;
}
