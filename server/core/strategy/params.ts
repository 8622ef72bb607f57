import { z } from 'zod';
import type { StrategyParams } from '../../../shared/domain/bot.ts';

/** A strategy's schema as the registry sees it: it takes any parameters and refuses what it does not know. */
export function openInput<P extends StrategyParams>(schema: z.ZodType<P>): z.ZodType<P, StrategyParams> {
  return schema as unknown as z.ZodType<P, StrategyParams>;
}

/** A percentage of the entry price; `min` 0 where 0 means off. */
export const pct = (preset: number, min: number, max: number, description: string) =>
  z.number().min(min).max(max).default(preset).describe(`${description} (% of the entry price)`);

export const bars = (preset: number, min: number, max: number, description: string) =>
  z.number().int().min(min).max(max).default(preset).describe(`${description} (bars)`);

export const level = (preset: number, min: number, max: number, description: string) =>
  z.number().min(min).max(max).default(preset).describe(description);

/** What every strategy lets its user choose. */
export const exitParams = (stopLossPct: number, takeProfitPct: number) => ({
  stopLossPct: pct(stopLossPct, 0.1, 20, 'Stop-loss distance'),
  takeProfitPct: pct(takeProfitPct, 0.1, 100, 'Final take-profit distance; closes all that is left'),
  breakEvenAtPct: pct(0, 0, 100, 'Move the stop to the entry price at this profit; 0 = never'),
  maxHoldMinutes: z
    .number()
    .int()
    .min(0)
    .max(43_200)
    .default(0)
    .describe('Close at the market after this long; 0 = never (minutes of market time)'),
  sides: z.enum(['both', 'long', 'short']).default('both').describe('Directions it may enter'),
});

export type ExitParams = z.infer<z.ZodObject<ReturnType<typeof exitParams>>>;

/** Adds the problem that `low` is not below `high`, at `low`. */
export function mustBeBelow<P extends Record<string, unknown>>(
  params: P,
  low: keyof P & string,
  high: keyof P & string,
  context: z.core.$RefinementCtx,
): void {
  const a = params[low];
  const b = params[high];
  if (typeof a !== 'number' || typeof b !== 'number' || a < b) return;
  context.issues.push({
    code: 'custom',
    input: params,
    path: [low],
    message: `${low} (${a}) must be below ${high} (${b})`,
  });
}
