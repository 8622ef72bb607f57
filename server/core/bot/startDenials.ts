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
    const message = `${bot.symbol} is not traded at ${venue}`;
    found.push(denial('symbol_known', bot.symbol, `a symbol of ${venue}`, message));
  } else if (status !== 'trading') {
    found.push(statusDenial(bot.symbol, status));
  }
  found.push(...configDenials(turn, state, bot));
  const orders = [...openOrders(turn.desk, bot.accountId, bot.symbol)].filter(
    (order) => order.botId !== bot.botId,
  );
  if (orders.length > 0) {
    found.push(
      denial(
        'symbol_claimed',
        `${orders.length} orders`,
        'none',
        `${bot.symbol} has working orders that are not this bot's`,
      ),
    );
  }
  const others = [...turn.desk.bots.values()].filter(
    (b) => b.accountId === bot.accountId && b.botId !== bot.botId && claims(turn.desk, b),
  );
  const used = sum(others.map((b) => b.allocationPct));
  const hundred = dec('100');
  if (gt(add(used, bot.allocationPct), hundred)) {
    const free = sub(hundred, used);
    const message = `allocation ${bot.allocationPct} % is above the ${free} % that other bots leave`;
    found.push(denial('allocation', `${bot.allocationPct} %`, `${free} %`, message));
  }
  return found;
}
