import type { Limits } from '../../../shared/domain/account.ts';
import type { BotReason } from '../../../shared/domain/botReason.ts';
import { toldBreach } from '../../../shared/domain/breach.ts';
import { type Decimal, dec, gt, max, mulDiv, sub } from '../../../shared/domain/decimal.ts';
import { advanceBot } from '../bot/advanceBot.ts';
import { haltBot } from '../botState/botState.ts';
import type { Context } from '../context.ts';
import { type AccountState, balanceOf, type Desk, openOrders, positionsOf } from '../desk.ts';
import { flatten } from '../order/flatten.ts';
import { requestCancel } from '../order/submit.ts';
import { brokenNow, closes, isNews } from '../risk/breach.ts';
import { isDayDue } from '../risk/dayTime.ts';
import { accountsOf, type LimitScope, toldScope } from '../risk/limitScope.ts';
import { makeUpDays, rollDay } from '../risk/riskDays.ts';
import { type ScopeValue, valuateScope } from '../risk/scopeValue.ts';
import { hasPassed } from '../turn/age.ts';
import type { Turn } from '../turn/turn.ts';
import { settleSymbol } from './settleSymbol.ts';

/** The account's own limits: days, peak, breach; and a point of its equity curve now and then. */
export function watchLimits(turn: Turn, state: AccountState): void {
  const value = watchScope(turn, { limits: state.limits, accounts: [state] });
  if (value?.isKnown === true) markEquity(turn, state, value.equity);
}

export function watchBookLimits(turn: Turn): void {
  for (const limits of [...turn.desk.bookLimits.values()]) {
    if (limits.book !== undefined) watchScope(turn, { limits, accounts: accountsOf(turn.desk, limits.book) });
  }
}

/** After a time in which nobody looked, and nothing was open: the days begin where they would have. */
export function makeUpNights(turn: Turn): void {
  const { desk, context } = turn;
  const makeUp = (scope: LimitScope): void => {
    const value = valuateScope(desk, scope, context);
    if (value !== undefined) makeUpDays(turn, scope, value);
  };
  for (const state of [...desk.accounts.values()]) makeUp({ limits: state.limits, accounts: [state] });
  for (const limits of [...desk.bookLimits.values()]) {
    if (limits.book !== undefined) makeUp({ limits, accounts: accountsOf(desk, limits.book) });
  }
}

/** Whether time alone changes something: a midnight, also while nothing is open, or a breach to enforce. */
export function limitsNeedTime(desk: Desk, context: Context): boolean {
  const needsTime = (scope: LimitScope): boolean =>
    scope.limits.breaches.length > 0 || isDayDue(scope, context);
  for (const state of desk.accounts.values()) {
    if (needsTime({ limits: state.limits, accounts: [state] })) return true;
  }
  for (const [book, limits] of desk.bookLimits) {
    if (needsTime({ limits, accounts: accountsOf(desk, book) })) return true;
  }
  return false;
}

/**
 * Starts risk days, keeps the peak, and halts on a breach. What is known is enforced whatever is not; what is not known
 * raises no peak, and begins no day while an account is not in step with its venue.
 */
export function watchScope(turn: Turn, scope: LimitScope): ScopeValue | undefined {
  const before = valuateScope(turn.desk, scope, turn.context);
  if (before === undefined) return undefined;
  let limits = rollDay(turn, scope, before);
  // What counts as carried into the day is told by where that began.
  const isNewDay = limits.dayStart !== scope.limits.dayStart;
  const value = isNewDay ? (valuateScope(turn.desk, { ...scope, limits }, turn.context) ?? before) : before;
  const peakEquity = value.isKnown ? max(limits.peakEquity ?? value.equity, value.equity) : limits.peakEquity;
  // Each limit on its own: one that is broken already hides no other, and the harshest of them is enforced.
  const broken = brokenNow({ ...scope, limits }, value).filter((found) => isNews(found, limits.breaches));
  if (broken.length === 0) markPeak(turn, limits, peakEquity);
  for (const breach of broken) {
    const others = limits.breaches.filter(({ limit }) => limit !== breach.limit);
    limits = { ...limits, peakEquity, breaches: [...others, breach] };
    turn.emit('LimitBreached', { limits });
  }
  for (const breach of broken) {
    const reason = {
      code: 'limit_broken',
      figures: { breach: toldBreach(toldScope(scope), breach) },
    } as const;
    for (const state of scope.accounts) haltBots(turn, state, reason, closes(breach));
  }
  if (limits.breaches.length > 0) enforce(turn, { ...scope, limits });
  return value;
}

function haltBots(turn: Turn, state: AccountState, reason: BotReason, closes: boolean): void {
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
      if (botId !== null) closeLate(turn, state, botId);
      else if (foreign !== true) flatten(turn, state, symbol, 'limit');
    }
  }
}

/** An order of a bot that was halted and flat already worked after all. */
function closeLate(turn: Turn, state: AccountState, botId: string): void {
  const bot = turn.desk.bots.get(botId);
  if (bot === undefined || bot.closing) return;
  haltBot(turn, botId, bot.reason ?? { code: 'worked_after_stop', figures: {} }, true);
  advanceBot(turn, state, botId, null);
}

/** A new peak is written down when it is this much above the last one, in parts of it: it must survive a restart. */
const PEAK_STEP_DIVISOR = dec('1000');

function markPeak(turn: Turn, limits: Limits, peak: Decimal | null): void {
  const known = limits.peakEquity;
  if (peak === null) return;
  if (known !== null && !gt(sub(peak, known), mulDiv(known, dec('1'), PEAK_STEP_DIVISOR))) return;
  turn.emit('LimitChanged', { limits: { ...limits, peakEquity: peak } });
}

function markEquity(turn: Turn, state: AccountState, equity: Decimal): void {
  if (!hasPassed(turn, state.lastEquityAt, turn.context.settings.equityEveryMs)) return;
  const { accountId, venue } = state.account;
  const times = { ts: turn.wallTime, marketTs: turn.context.marketTime(venue) };
  turn.emit('EquityMarked', { accountId, equity, balance: balanceOf(state), ...times });
}
