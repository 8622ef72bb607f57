import type { Limits } from '../../../shared/domain/account.ts';
import { type Decimal, dec, gt, isPositive, max, mulDiv, neg, sub } from '../../../shared/domain/decimal.ts';
import { advanceBot } from '../bot/advanceBot.ts';
import { haltBot } from '../bot/botState.ts';
import type { AccountState } from '../desk.ts';
import { settleSymbol } from '../settle.ts';
import type { Turn } from '../turn.ts';
import { riskDay } from './riskDay.ts';
import { balanceOf, valuate } from './valuation.ts';

/**
 * Starts risk days, keeps the peak, and halts on a breach of the daily loss or the drawdown. Does nothing while a
 * position has no fresh price: entries are denied then anyway, and a guess would halt or spare wrongly.
 */
export function watchLimits(turn: Turn, state: AccountState): void {
  const valuation = valuate(turn.desk, state, turn.context);
  if (valuation === undefined || state.account.status !== 'ready') return;
  const limits = rollDay(turn, state, valuation.equity, valuation.ts);
  const peak = max(limits.peakEquity ?? valuation.equity, valuation.equity);
  if (limits.breach !== null) {
    markEquity(turn, state, valuation.equity);
    return;
  }
  const breach = breachOf(limits, valuation.equity, peak, valuation.ts);
  if (breach !== null) {
    turn.emit('LimitBreached', { limits: { ...limits, peakEquity: peak, breach } });
    haltAccount(
      turn,
      state,
      `${breach.limit}: ${breach.actual} of ${breach.allowed}`,
      breach.policy === 'flatten',
    );
    return;
  }
  markPeak(turn, limits, peak);
  markEquity(turn, state, valuation.equity);
}

/** At local midnight: a new baseline, and looser limits that were asked for come into force. */
function rollDay(turn: Turn, state: AccountState, equity: Decimal, ts: number): Limits {
  const { limits } = state;
  const today = riskDay(ts, limits.timeZone);
  if (limits.dayStart !== null && riskDay(limits.dayStart.ts, limits.timeZone) === today) return limits;
  const next: Limits = {
    ...limits,
    // The first baseline, or one after a release, is no midnight.
    ...(limits.dayStart === null ? {} : { values: limits.pending ?? limits.values, pending: null }),
    dayStart: { ts, equity },
    peakEquity: limits.peakEquity ?? equity,
    // A breached daily loss ends with its day; a drawdown is released by hand.
    breach: limits.breach?.limit === 'daily_loss' ? null : limits.breach,
  };
  turn.emit('LimitChanged', { limits: next });
  return next;
}

function breachOf(limits: Limits, equity: Decimal, peak: Decimal, ts: number): Limits['breach'] {
  const { values, dayStart } = limits;
  if (values.dailyLoss !== null && dayStart !== null) {
    const change = sub(equity, dayStart.equity);
    if (gt(neg(change), values.dailyLoss)) {
      return {
        limit: 'daily_loss',
        actual: change,
        allowed: neg(values.dailyLoss),
        ts,
        policy: values.dailyLossPolicy,
      };
    }
  }
  if (values.drawdownPct !== null && isPositive(peak)) {
    const drawdown = mulDiv(sub(peak, equity), dec('100'), peak, 4);
    if (gt(drawdown, values.drawdownPct)) {
      const actual = `${drawdown} %`;
      return {
        limit: 'drawdown',
        actual,
        allowed: `${values.drawdownPct} %`,
        ts,
        policy: values.drawdownPolicy,
      };
    }
  }
  return null;
}

function haltAccount(turn: Turn, state: AccountState, reason: string, flatten: boolean): void {
  for (const bot of [...turn.desk.bots.values()]) {
    if (bot.accountId !== state.account.accountId) continue;
    haltBot(turn, bot.botId, reason, flatten);
    advanceBot(turn, state, bot.botId, null);
    settleSymbol(turn, state, bot.symbol);
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
