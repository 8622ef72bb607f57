import { z } from 'zod';
import type { StrategyParams } from '../../../shared/domain/bot.ts';
import type { Interval } from '../../../shared/domain/market.ts';
import { aggressive } from './aggressive.ts';
import { balanced } from './balanced.ts';
import { conservative } from './conservative.ts';
import { momentum } from './momentum.ts';
import type { Strategy, StrategyPreset } from './strategy.ts';

const all: readonly Strategy[] = [conservative, balanced, aggressive, momentum];

/** Every strategy a bot can run, by id. */
export const strategies: ReadonlyMap<string, Strategy> = new Map(
  all.map((strategy) => [strategy.id, strategy]),
);

export interface StrategyDescription {
  id: string;
  name: string;
  summary: string;
  defaultInterval: Interval;
  /** JSON Schema of what a client may send. */
  paramsSchema: Record<string, unknown>;
  defaults: StrategyParams;
  presets: StrategyPreset[];
}

/** For clients: what can be chosen, with bounds, defaults and presets. */
export function describeStrategies(): StrategyDescription[] {
  return all.map((strategy) => ({
    id: strategy.id,
    name: strategy.name,
    summary: strategy.summary,
    defaultInterval: strategy.defaultInterval,
    paramsSchema: { ...z.toJSONSchema(strategy.paramsSchema, { io: 'input' }) },
    defaults: strategy.paramsSchema.parse({}),
    presets: [...strategy.presets],
  }));
}
