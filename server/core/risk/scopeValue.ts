import { add, ZERO } from '../../../shared/domain/decimal.ts';
import type { Context } from '../context.ts';
import type { Desk } from '../desk.ts';
import { dayTime } from './dayTime.ts';
import type { LimitScope } from './limitScope.ts';
import { type Worth, worthOf } from './worth.ts';

/** The sums of the accounts', in the settlement coin only; known when each of them is. */
export interface ScopeValue extends Worth {
  /** Market time that days are told by. */
  ts: number;
}

/** Undefined without accounts, or where none of their venues is configured. */
export function valuateScope(desk: Desk, scope: LimitScope, context: Context): ScopeValue | undefined {
  const ts = dayTime(scope, context);
  if (ts === undefined) return undefined;
  let all: Worth = { equity: ZERO, held: ZERO, seen: ZERO, isKnown: true };
  for (const state of scope.accounts) {
    const { equity, held, seen, isKnown } = worthOf(desk, state, context, scope.limits.dayStart?.ts ?? null);
    all = {
      equity: add(all.equity, equity),
      held: add(all.held, held),
      seen: add(all.seen, seen),
      isKnown: all.isKnown && isKnown,
    };
  }
  return { ...all, ts };
}
