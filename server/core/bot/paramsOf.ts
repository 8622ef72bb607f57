import type { Bot, StrategyParams } from '../../../shared/domain/bot.ts';
import type { Strategy } from '../strategy/strategy.ts';

interface Checked {
  strategy: Strategy;
  params: StrategyParams;
}

/** Checking costs more than most strategies do: once per set of parameters, which is never changed but replaced. */
const checked = new WeakMap<Bot['params'], Checked>();

/** The bot's parameters, its defaults filled in; undefined when they no longer fit the strategy. */
export function paramsOf(strategy: Strategy, bot: Bot): { data: StrategyParams } | undefined {
  const known = checked.get(bot.params);
  if (known?.strategy === strategy) return { data: known.params };
  const result = strategy.paramsSchema.safeParse(bot.params);
  if (!result.success) return undefined;
  checked.set(bot.params, { strategy, params: result.data });
  return { data: result.data };
}
