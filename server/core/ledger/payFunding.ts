import { add, isPositive } from '../../../shared/domain/decimal.ts';
import type { Trade } from '../../../shared/domain/fill.ts';
import type { VenueBill } from '../../ports/venue.ts';
import { type AccountState, type EndedTrade, positionOf } from '../desk.ts';
import type { Turn } from '../turn/turn.ts';

/**
 * Counts funding for the position, and the bot, that was open at its time: it may be told after that has ended, or turned
 * over. What nothing of ours was open for stays with the account.
 */
export function payFunding(
  turn: Turn,
  state: AccountState,
  symbol: string,
  { amount, ts }: Pick<VenueBill, 'amount' | 'ts'>,
): void {
  const open = positionOf(turn.desk, state.account.accountId, symbol);
  const payer = open !== undefined && open.openedAt < ts ? undefined : endedAround(state, symbol, ts);
  if (payer !== undefined) payLate(turn, payer, amount);
  else if (open !== undefined && open.openedAt <= ts) {
    const position = { ...open, funding: add(open.funding, amount) };
    turn.emit('PositionChanged', { position, trade: null });
  }
}

/** The trade that was open at this time, the last one first. */
function endedAround({ endedTrades }: AccountState, symbol: string, ts: number): EndedTrade | undefined {
  return endedTrades.findLast(
    ({ trade }) => trade.symbol === symbol && trade.openedAt < ts && ts <= trade.closedAt,
  );
}

function payLate(turn: Turn, ended: EndedTrade, amount: VenueBill['amount']): void {
  const before = ended.trade;
  const trade: Trade = {
    ...before,
    funding: add(before.funding, amount),
    netPnl: add(before.netPnl, amount),
  };
  const { accountId, symbol, botId } = trade;
  const position = positionOf(turn.desk, accountId, symbol) ?? ended.position;
  turn.emit('TradeChanged', { position, trade });
  const bot = botId === null ? undefined : turn.desk.bots.get(botId);
  if (bot === undefined) return;
  const won = winsOf(trade) - winsOf(before);
  const { stats } = bot;
  turn.emit('BotUpdated', {
    bot: { ...bot, stats: { ...stats, wins: stats.wins + won, funding: add(stats.funding, amount) } },
  });
}

const winsOf = ({ netPnl }: Trade): number => (isPositive(netPnl) ? 1 : 0);
