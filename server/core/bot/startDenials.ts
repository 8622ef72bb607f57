import type { Bot } from '../../../shared/domain/bot.ts';
import { add, dec, gt, sub, sum } from '../../../shared/domain/decimal.ts';
import type { Denial } from '../../../shared/domain/denial.ts';
import { type AccountState, claims, openOrders } from '../desk.ts';
import { symbolDenials } from '../risk/symbolDenials.ts';
import { denial, statusDenial } from '../rules/refusal.ts';
import type { Turn } from '../turn/turn.ts';
import { configDenials } from './configDenials.ts';

/** Everything that keeps a bot from starting. */
export function startDenials(turn: Turn, state: AccountState, bot: Bot): Denial[] {
  const found = symbolDenials(turn, state, bot.symbol, bot.botId);
  const { venue } = state.account;
  const status = turn.context.instrument(venue, bot.symbol)?.status;
  if (status === undefined) {
    found.push(denial('symbol_known', { symbol: bot.symbol, venue }));
  } else if (status !== 'trading') {
    found.push(statusDenial(bot.symbol, status));
  }
  found.push(...configDenials(turn, state, bot));
  const orders = [...openOrders(turn.desk, bot.accountId, bot.symbol)].filter(
    (order) => order.botId !== bot.botId,
  );
  if (orders.length > 0)
    found.push(denial('symbol_has_orders', { symbol: bot.symbol, actual: orders.length }));
  const others = [...turn.desk.bots.values()].filter(
    (b) => b.accountId === bot.accountId && b.botId !== bot.botId && claims(turn.desk, b),
  );
  const used = sum(others.map((b) => b.allocationPct));
  const hundred = dec('100');
  if (gt(add(used, bot.allocationPct), hundred))
    found.push(denial('allocation', { actual: bot.allocationPct, allowed: sub(hundred, used) }));
  return found;
}
