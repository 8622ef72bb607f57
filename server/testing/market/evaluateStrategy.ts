import type { StrategyParams } from '../../../shared/domain/bot.ts';
import type { BarSeries, HeldPosition, Strategy, StrategyDecision } from '../../core/strategy/strategy.ts';
import { windowOf } from './barSeries.ts';

/** A strategy's decision on the bar `last` of a series (default: its last one), with the window it asks for. */
export function evaluateAt<P extends StrategyParams>(
  strategy: Strategy<P>,
  raw: StrategyParams,
  series: BarSeries,
  options: { last?: number; position?: HeldPosition } = {},
): StrategyDecision {
  const params = strategy.paramsSchema.parse(raw);
  const window = windowOf(series, options.last ?? series.close.length - 1, strategy.warmupBars(params));
  return strategy.evaluate({ params, bars: window, position: options.position ?? null });
}

export function held(
  direction: 'long' | 'short',
  entryPrice: number,
  partialsTaken: string[] = [],
): HeldPosition {
  return { direction, entryPrice, partialsTaken, openedAt: 0 };
}

/** What a decision would enter. */
export function entered(decision: StrategyDecision): 'long' | 'short' | undefined {
  return decision.desired.find((order) => order.intent === 'enter')?.direction;
}
