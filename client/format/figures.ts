import type { Bot } from '../../shared/domain/bot.ts';
import {
  abs,
  add,
  type Decimal,
  dec,
  gt,
  isZero,
  mulDiv,
  sub,
  sum,
  ZERO,
} from '../../shared/domain/decimal.ts';
import type { Position } from '../../shared/domain/position.ts';

const HUNDRED = dec('100');

export interface BotFigures {
  realised: Decimal;
  fees: Decimal;
  funding: Decimal;
  unrealised: Decimal;
  /** realised − fees + funding + unrealised. */
  net: Decimal;
}

/** What a bot has earned so far: its finished trades, and what its open position has realised, paid and stands at. */
export function botFigures(bot: Bot, position: Position | undefined, unrealised: Decimal): BotFigures {
  const { stats } = bot;
  const realised = add(stats.realisedPnl, position?.realisedPnl ?? ZERO);
  const fees = add(stats.fees, position?.fees ?? ZERO);
  const funding = add(stats.funding, position?.funding ?? ZERO);
  return { realised, fees, funding, unrealised, net: add(add(sub(realised, fees), funding), unrealised) };
}

/** Average entry for the eye: cost ÷ size. Positions keep cost, because an average would have to be rounded. */
export function entryPrice(position: Position, scale: number | undefined): Decimal {
  if (isZero(position.size)) return ZERO;
  return mulDiv(position.cost, dec('1'), position.size, scale ?? 8);
}

/** How far the stop is from the mark, in percent of the mark. */
export function stopDistancePct(trigger: Decimal, mark: Decimal): Decimal | undefined {
  if (isZero(mark)) return undefined;
  return mulDiv(abs(sub(mark, trigger)), HUNDRED, mark, 2);
}

/** What is left of an account's equity for another bot, in percent; never below zero. */
export function freeAllocationPct(
  bots: readonly Bot[],
  accountId: string,
  except: string | null = null,
): Decimal {
  const used = sum(
    bots.filter((bot) => bot.accountId === accountId && bot.botId !== except).map((bot) => bot.allocationPct),
  );
  return gt(used, HUNDRED) ? ZERO : sub(HUNDRED, used);
}

/** The first name not taken: `Momentum BTC`, then `Momentum BTC 2`, … */
export function freeName(wanted: string, bots: readonly Bot[]): string {
  const taken = new Set(bots.map((bot) => bot.name));
  if (!taken.has(wanted)) return wanted;
  let number = 2;
  while (taken.has(`${wanted} ${number}`)) number += 1;
  return `${wanted} ${number}`;
}

/** Winning trades of all, in whole percent; undefined before the first trade. */
export function winRatePct(stats: Bot['stats']): number | undefined {
  return stats.trades === 0 ? undefined : Math.round((100 * stats.wins) / stats.trades);
}
