import type { Order } from '../../../shared/domain/order.ts';
import type { VenueAnswer } from '../../ports/venue.ts';
import { type AccountState, openOrders, type SymbolSettings } from '../desk.ts';
import { settleSymbol } from '../settle.ts';
import type { Turn } from '../turn.ts';
import { awaitsSettings } from './awaitsSettings.ts';
import { notAfter, sendOrder } from './submit.ts';
import { updateOrder } from './updateOrder.ts';

/** The venue answered to the settings of a symbol: orders by hand that waited for them leave, or are over. */
export function settingsAnswered(
  turn: Turn,
  state: AccountState,
  symbol: string,
  settings: SymbolSettings,
  answer: VenueAnswer,
): void {
  const { account } = state;
  const waiting: Order[] = [...openOrders(turn.desk, account.accountId, symbol)].filter(awaitsSettings);
  if (waiting.length === 0) return;
  // It was checked for what its account said.
  const asChecked = settings.leverage === account.leverage && settings.marginMode === account.marginMode;
  for (const order of waiting) {
    const isLate = order.notAfter !== null && turn.context.marketTime(account.venue) > order.notAfter;
    if (answer.outcome === 'accepted' && asChecked && !isLate) {
      const next = { reason: null, notAfter: notAfter(turn, account.venue) };
      sendOrder(turn, account.venue, updateOrder(turn, order, next));
      continue;
    }
    const passed = isLate ? 'its time has passed' : 'they were changed meanwhile';
    const why = answer.outcome === 'accepted' ? passed : answer.message;
    const reason = `not sent: leverage and margin mode were not set at the venue: ${why}`;
    updateOrder(turn, order, { status: 'rejected', reason });
  }
  settleSymbol(turn, state, symbol);
}
