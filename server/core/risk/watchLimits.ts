import type { Limits } from '../../../shared/domain/account.ts';
import { type Decimal, dec, gt, max, mulDiv, sub, sum } from '../../../shared/domain/decimal.ts';
import { advanceBot } from '../bot/advanceBot.ts';
import { haltBot } from '../bot/botState.ts';
import { type AccountState, type Desk, openOrders } from '../desk.ts';
import { flatten } from '../order/flatten.ts';
import { requestCancel } from '../order/submit.ts';
import { settleSymbol } from '../settle.ts';
import type { Turn } from '../turn.ts';
import { brokenNow, closes, endsWithDay, isNews } from './breach.ts';
import {
  accountsOf,
  inWords,
  type LimitScope,
  type ScopeValue,
  scopesOver,
  valuateScope,
} from './limitScope.ts';
import { isLaterDay, riskDay } from './riskDay.ts';
import { balanceOf, positionsOf, valuate } from './valuation.ts';

/** The account's own limits: days, peak, breach; and a point of its equity curve now and then. */
export function watchLimits(turn: Turn, state: AccountState): void {
  const value = watchScope(turn, { limits: state.limits, accounts: [state] });
  if (value !== undefined) markEquity(turn, state, value.equity);
}

export function watchBookLimits(turn: Turn): void {
  for (const limits of [...turn.desk.bookLimits.values()]) {
    if (limits.book !== undefined) watchScope(turn, { limits, accounts: accountsOf(turn.desk, limits.book) });
  }
}

/** Whether time alone changes something: a midnight that ends a breach or brings values into force, a breach to enforce. */
export function limitsNeedTime(desk: Desk): boolean {
  const all = [...desk.bookLimits.values(), ...[...desk.accounts.values()].map(({ limits }) => limits)];
  return all.some(
    ({ breaches, pending, pendingTimeZone }) =>
      breaches.length > 0 || pending !== null || (pendingTimeZone ?? null) !== null,
  );
}

/**
 * Starts risk days, keeps the peak, and halts on a breach. Does nothing while a position has no fresh price or an
 * account is not in step with its venue: entries are denied then anyway, and a guess would halt or spare wrongly.
 */
export function watchScope(turn: Turn, scope: LimitScope): ScopeValue | undefined {
  const value = valuateScope(turn.desk, scope.accounts, turn.context);
  if (value === undefined) return undefined;
  let limits = rollDay(turn, scope, value);
  const peakEquity = max(limits.peakEquity ?? value.equity, value.equity);
  // Each limit on its own: one that is broken already hides no other, and the harshest of them is enforced.
  const broken = brokenNow({ ...scope, limits }, value).filter((found) => isNews(found, limits.breaches));
  if (broken.length === 0) markPeak(turn, limits, peakEquity);
  for (const breach of broken) {
    const others = limits.breaches.filter(({ limit }) => limit !== breach.limit);
    limits = { ...limits, peakEquity, breaches: [...others, breach] };
    turn.emit('LimitBreached', { limits });
  }
  for (const breach of broken) {
    const reason = `${breach.limit}${inWords(scope)}: ${breach.actual} of ${breach.allowed}`;
    for (const state of scope.accounts) haltBots(turn, state, reason, closes(breach));
  }
  if (limits.breaches.length > 0) enforce(turn, { ...scope, limits });
  return value;
}

/** Before anything of a new day is booked, of market time `ts`: its baseline must not hold it already. */
export function beginRiskDays(turn: Turn, state: AccountState, ts: number): void {
  for (const scope of scopesOver(turn.desk, state)) {
    if (!isDayOver(scope, ts)) continue;
    const known = scope.accounts.map((one) => equityBefore(turn, one));
    const equities = known.flatMap((equity) => equity ?? []);
    if (equities.length === known.length) rollDay(turn, scope, { equity: sum(equities), ts });
  }
}

/**
 * At the marks of now. Of an account that is compared with its venue after an absence, whose fills of the new day are
 * about to be booked, what was known last: nothing that was lost meanwhile falls between two days.
 */
function equityBefore(turn: Turn, state: AccountState): Decimal | null | undefined {
  if (state.account.status === 'ready') return valuate(turn.desk, state, turn.context)?.equity;
  const isFlat = positionsOf(turn.desk, state.account.accountId).length === 0;
  return isFlat ? balanceOf(state) : state.lastEquity;
}

function isDayOver({ limits }: LimitScope, ts: number): boolean {
  return limits.dayStart !== null && isLaterDay(ts, limits.dayStart.ts, limits.timeZone);
}

/** At local midnight: a new baseline, and looser limits or another time zone that were asked for come into force. */
function rollDay(turn: Turn, scope: LimitScope, { equity, ts }: ScopeValue): Limits {
  const { limits } = scope;
  if (limits.dayStart === null) {
    const next = { ...limits, ...firstBaseline(scope, equity, ts) };
    turn.emit('LimitChanged', { limits: next });
    return next;
  }
  if (!isDayOver(scope, ts)) return limits;
  const next: Limits = {
    ...limits,
    values: limits.pending ?? limits.values,
    pending: null,
    timeZone: limits.pendingTimeZone ?? limits.timeZone,
    pendingTimeZone: null,
    dayStart: { ts, equity },
    peakEquity: limits.peakEquity ?? equity,
    // A breached daily loss ends with its day; the others are released by hand.
    breaches: limits.breaches.filter((breach) => !endsWithDay(breach)),
  };
  turn.emit('LimitChanged', { limits: next });
  return next;
}

/** No midnight: nothing comes into force. A book that gets its first limits takes the day over from its accounts. */
function firstBaseline(
  { limits, accounts }: LimitScope,
  equity: Decimal,
  ts: number,
): Pick<Limits, 'dayStart' | 'peakEquity'> {
  const peakEquity = limits.peakEquity ?? equity;
  const days = accounts.flatMap((state) => state.limits.dayStart ?? []);
  const today = riskDay(ts, limits.timeZone);
  const areToday = days.every((day) => riskDay(day.ts, limits.timeZone) === today);
  if (limits.book === undefined || days.length < accounts.length || !areToday) {
    return { dayStart: { ts, equity }, peakEquity };
  }
  const start = sum(days.map((day) => day.equity));
  return { dayStart: { ts, equity: start }, peakEquity: max(peakEquity, start) };
}

function haltBots(turn: Turn, state: AccountState, reason: string, closes: boolean): void {
  for (const bot of [...turn.desk.bots.values()]) {
    if (bot.accountId !== state.account.accountId) continue;
    haltBot(turn, bot.botId, reason, closes);
    advanceBot(turn, state, bot.botId, null);
    settleSymbol(turn, state, bot.symbol);
  }
}

/** What no bot looks after: entries by hand go, and positions by hand are closed where the policy closes; foreign ones stay. */
function enforce(turn: Turn, { limits, accounts }: LimitScope): void {
  for (const state of accounts) {
    const { accountId } = state.account;
    for (const order of [...openOrders(turn.desk, accountId)]) {
      if (order.botId === null && !order.reduceOnly && order.foreign !== true)
        requestCancel(turn, state, order);
    }
    if (!limits.breaches.some(closes)) continue;
    for (const { botId, foreign, symbol } of positionsOf(turn.desk, accountId)) {
      if (botId === null && foreign !== true) flatten(turn, state, symbol, 'limit');
    }
  }
}

/** A new peak is written down when it is this much above the last one, in parts of it: it must survive a restart. */
const PEAK_STEP_DIVISOR = dec('1000');

function markPeak(turn: Turn, limits: Limits, peak: Decimal): void {
  const known = limits.peakEquity;
  if (known !== null && !gt(sub(peak, known), mulDiv(known, dec('1'), PEAK_STEP_DIVISOR))) return;
  turn.emit('LimitChanged', { limits: { ...limits, peakEquity: peak } });
}

function markEquity(turn: Turn, state: AccountState, equity: Decimal): void {
  if (turn.wallTime - state.lastEquityAt < turn.context.settings.equityEveryMs) return;
  const { accountId } = state.account;
  turn.emit('EquityMarked', { accountId, equity, balance: balanceOf(state), ts: turn.wallTime });
}
