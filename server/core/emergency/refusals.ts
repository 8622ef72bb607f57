import { lt } from '../../../shared/domain/decimal.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { type AccountState, symbolKey } from '../desk.ts';
import { codeOf } from '../order/passing.ts';
import type { Turn } from '../turn.ts';

/** Why the venue keeps refusing to close this position; undefined: it does not, or not for long enough to say so. */
export function persistentRefusal(turn: Turn, state: AccountState, position: Position): string | undefined {
  const failures = turn.desk.closeFailures.get(symbolKey(position.accountId, position.symbol));
  if (failures === undefined) return undefined;
  const code = codeOf(failures.reason);
  const instrument = turn.context.instrument(state.account.venue, position.symbol);
  const isTooSmall = code === 'size' || code === 'min_notional';
  if (isTooSmall && instrument !== undefined && lt(position.size, instrument.minSize)) {
    return `dust: less than the ${instrument.minSize} the venue takes an order for, which refuses to close it (${failures.reason})`;
  }
  return failures.count < turn.context.settings.closeAttempts ? undefined : failures.reason;
}
