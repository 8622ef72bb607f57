import type { Limits } from '../../../shared/domain/account.ts';
import type { Decimal } from '../../../shared/domain/decimal.ts';
import type { Context } from '../context.ts';
import type { AccountState } from '../desk.ts';
import { isLaterDay } from '../rules/riskDay.ts';
import { AHEAD_MS } from '../turn/toldTime.ts';
import type { LimitScope } from './limitScope.ts';

/** How far a venue's clock may gain on the server's within a day, wall ms. */
const CLOCKS_DIFFER_MS = 10_000;

interface Clock {
  /** Market time; of several venues the latest. */
  now: number;
  /** Market ms per wall ms; of several venues the highest. */
  speed: number;
}

/** Undefined where no venue of the scope is configured. */
function clockOf({ accounts }: LimitScope, context: Context): Clock | undefined {
  let clock: Clock | undefined;
  for (const { account } of accounts) {
    const facts = context.venue(account.venue);
    if (facts === undefined) continue;
    clock = {
      now: Math.max(clock?.now ?? 0, context.marketTime(account.venue)),
      speed: Math.max(clock?.speed ?? 0, facts.speed),
    };
  }
  return clock;
}

/**
 * Market time that days are told by: no further from the beginning of the day than the wall clock allows, so that a venue
 * whose clock jumps ahead ends none. `told`: what one message said. Undefined where no venue of the scope is configured.
 */
export function dayTime(scope: LimitScope, context: Context, told?: number): number | undefined {
  const clock = clockOf(scope, context);
  if (clock === undefined) return undefined;
  const ts = told === undefined ? clock.now : Math.min(told, clock.now + AHEAD_MS);
  const { dayStart } = scope.limits;
  if (dayStart === null) return ts;
  const elapsed = context.wallTime - dayStart.wallTs + CLOCKS_DIFFER_MS;
  // The server's clock has been set back since: it says nothing of how long ago the day began.
  if (elapsed < 0) return ts;
  return Math.min(ts, Math.floor(dayStart.ts + elapsed * clock.speed));
}

/** The same for one account alone, whatever its book; where its venue is not configured, market time as it is told. */
export function accountTime(state: AccountState, context: Context, told?: number): number {
  const scope = { limits: state.limits, accounts: [state] };
  return dayTime(scope, context, told) ?? told ?? context.marketTime(state.account.venue);
}

/** The beginning of a day at market time `ts`, which may lie back. */
export function dayStartAt(
  scope: LimitScope,
  context: Context,
  equity: Decimal,
  ts: number,
): NonNullable<Limits['dayStart']> {
  const { now, speed } = clockOf(scope, context) ?? { now: ts, speed: 1 };
  const agoMs = Math.max(0, now - ts) / speed;
  return { ts, equity, wallTs: Math.max(0, Math.floor(context.wallTime - agoMs)), dayOf: ts };
}

export function isDayOver({ limits }: LimitScope, ts: number): boolean {
  return limits.dayStart !== null && isLaterDay(ts, limits.dayStart.dayOf, limits.timeZone);
}

/** Whether a day is to begin, by the clock alone; one that has none yet begins where a limit needs it. */
export function isDayDue(scope: LimitScope, context: Context): boolean {
  const { limits, accounts } = scope;
  if (accounts.length === 0) return false;
  const { dailyLoss, drawdownPct } = limits.values;
  if (limits.dayStart === null) return dailyLoss !== null || drawdownPct !== null || limits.pending !== null;
  const ts = dayTime(scope, context);
  return ts !== undefined && isDayOver(scope, ts);
}
