import type { Limits } from '../../../shared/domain/account.ts';
import { type Decimal, max, sum } from '../../../shared/domain/decimal.ts';
import type { AccountState } from '../desk.ts';
import { midnightAfter, midnightOf, riskDay } from '../rules/riskDay.ts';
import type { Turn } from '../turn/turn.ts';
import { endsWithDay } from './breach.ts';
import { dayStartAt, dayTime, isDayOver } from './dayTime.ts';
import { type LimitScope, scopesOver } from './limitScope.ts';
import type { ScopeValue } from './scopeValue.ts';
import { worthOf } from './worth.ts';

/**
 * Before anything of a new day is booked, of market time `ts`: its baseline must not hold it already. It is what was seen
 * last: of what was lost while nobody looked, nothing falls between two days.
 */
export function beginRiskDays(turn: Turn, state: AccountState, ts: number): void {
  for (const scope of scopesOver(turn.desk, state)) {
    const at = dayTime(scope, turn.context, ts);
    if (at === undefined || !isDayOver(scope, at)) continue;
    const seen = scope.accounts.map((one) => worthOf(turn.desk, one, turn.context, null).seen);
    beginDay(turn, scope, sum(seen), at);
  }
}

/** The first baseline, or at local midnight a new one. */
export function rollDay(turn: Turn, scope: LimitScope, { isKnown, equity, seen, ts }: ScopeValue): Limits {
  const { limits } = scope;
  if (limits.dayStart === null) {
    const first = firstBaseline(turn, scope, isKnown ? equity : null, ts);
    if (first === null) return limits;
    const next = { ...limits, ...first };
    turn.emit('LimitChanged', { limits: next });
    return next;
  }
  // What the venue did before midnight and tells afterwards belongs to the old day.
  const isInStep = scope.accounts.every(({ account }) => account.status === 'ready');
  return isInStep && isDayOver(scope, ts) ? beginDay(turn, scope, seen, ts) : limits;
}

/**
 * The midnights that passed unseen while nothing was open, with what was known then: the first one, with which what was asked
 * for comes into force, and the one that today began with. Each day between them was like the next.
 */
export function makeUpDays(turn: Turn, scope: LimitScope, value: ScopeValue): Limits {
  let { limits } = scope;
  const begin = (midnight: number): void => {
    if (midnight <= value.ts) limits = rollDay(turn, { ...scope, limits }, { ...value, ts: midnight });
  };
  if (limits.dayStart === null || !isDayOver(scope, value.ts)) return limits;
  begin(midnightAfter(limits.dayStart.dayOf, limits.timeZone));
  begin(midnightOf(value.ts, limits.timeZone));
  return limits;
}

/** Of all zones; the first midnight of another zone that comes sooner than this ends no day: hopping zones gains none. */
const SHORTEST_DAY_MS = 23 * 3_600_000;

/** Looser limits or another time zone that were asked for come into force. */
function beginDay(turn: Turn, scope: LimitScope, equity: Decimal, ts: number): Limits {
  const { limits } = scope;
  const timeZone = limits.pendingTimeZone ?? limits.timeZone;
  const dayStart = dayStartAt(scope, turn.context, equity, ts);
  const next: Limits = {
    ...limits,
    values: limits.pending ?? limits.values,
    pending: null,
    timeZone,
    pendingTimeZone: null,
    dayStart: timeZone === limits.timeZone ? dayStart : { ...dayStart, dayOf: ts + SHORTEST_DAY_MS },
    peakEquity: limits.peakEquity ?? equity,
    // A breached daily loss ends with its day; the others are released by hand.
    breaches: limits.breaches.filter((breach) => !endsWithDay(breach)),
  };
  turn.emit('LimitChanged', { limits: next });
  return next;
}

/**
 * No midnight: nothing comes into force. A book that gets its first limits takes the day over from its accounts, also where
 * the present `equity` is not known (null); nothing else begins on what is not known.
 */
function firstBaseline(
  turn: Turn,
  scope: LimitScope,
  equity: Decimal | null,
  ts: number,
): Pick<Limits, 'dayStart' | 'peakEquity'> | null {
  const { limits, accounts } = scope;
  const days = accounts.flatMap((state) => state.limits.dayStart ?? []);
  const today = riskDay(ts, limits.timeZone);
  const areToday = days.every((day) => riskDay(day.ts, limits.timeZone) === today);
  if (limits.book === undefined || days.length < accounts.length || !areToday) {
    if (equity === null) return null;
    return { dayStart: dayStartAt(scope, turn.context, equity, ts), peakEquity: limits.peakEquity ?? equity };
  }
  const start = sum(days.map((day) => day.equity));
  return {
    dayStart: dayStartAt(scope, turn.context, start, ts),
    peakEquity: max(limits.peakEquity ?? equity ?? start, start),
  };
}
