import { because, type Cause } from '../../../shared/domain/cause.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { VenueAnswer } from '../../ports/venue.ts';
import { advanceBot } from '../bot/advanceBot.ts';
import { moveBot } from '../botState/botState.ts';
import { type AccountState, openOrders } from '../desk.ts';
import type { InputOf } from '../inputs.ts';
import { awaitsSettings } from '../order/awaitsSettings.ts';
import { notAfter, sendOrder } from '../order/submit.ts';
import { updateOrder } from '../order/updateOrder.ts';
import { isPassing } from '../rules/refusalKind.ts';
import type { Turn } from '../turn/turn.ts';
import { bookAndSettle } from './bookAndSettle.ts';

type SymbolAnswered = InputOf<'SymbolAnswered'>;

/** The venue answered to the settings of a symbol: whatever waited for them goes on, or is over. */
export function symbolAnswered(turn: Turn, state: AccountState, answered: SymbolAnswered): void {
  const { accountId, symbol, leverage, marginMode, answer } = answered;
  if (answer.outcome === 'accepted')
    turn.emit('SymbolConfigured', { accountId, symbol, leverage, marginMode });
  sendWaiting(turn, state, answered);
  for (const bot of [...turn.desk.bots.values()]) {
    if (bot.accountId !== accountId || bot.symbol !== symbol || bot.state !== 'starting') continue;
    // An answer to settings that were wanted before it was stopped, edited and started again.
    if (bot.leverage !== leverage || bot.marginMode !== marginMode) continue;
    if (answer.outcome === 'accepted') advanceBot(turn, state, bot.botId, null);
    // No answer, or "not now": the next tick asks again.
    else if (answer.outcome === 'rejected' && !isPassing(answer.code))
      moveBot(turn, bot, 'error', { reason: { code: 'settings_refused', figures: { as: answer.code } } });
  }
}

/** Orders by hand that waited for the settings leave, or are over. */
function sendWaiting(turn: Turn, state: AccountState, answered: SymbolAnswered): void {
  const { symbol, leverage, marginMode, answer } = answered;
  const { account } = state;
  const waiting: Order[] = [...openOrders(turn.desk, account.accountId, symbol)].filter(awaitsSettings);
  if (waiting.length === 0) return;
  // It was checked for what its account said.
  const asChecked = leverage === account.leverage && marginMode === account.marginMode;
  for (const order of waiting) {
    const isLate = order.notAfter !== null && turn.context.marketTime(account.venue) > order.notAfter;
    if (answer.outcome === 'accepted' && asChecked && !isLate) {
      const next = { reason: null, notAfter: notAfter(turn, account.venue) };
      sendOrder(turn, account.venue, updateOrder(turn, order, next));
      continue;
    }
    const reason = whyNot(answer, isLate);
    updateOrder(turn, order, { status: 'rejected', reason });
  }
  bookAndSettle(turn, state, symbol);
}

/** Why an order that waited for its settings does not leave. */
function whyNot(answer: VenueAnswer, isLate: boolean): Cause {
  if (answer.outcome === 'rejected') return because('settings_refused', { as: answer.code });
  if (answer.outcome === 'unknown') return because('settings_unanswered', {});
  return because(isLate ? 'settings_late' : 'settings_changed', {});
}
