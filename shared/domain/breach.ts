import type { Breach } from './account.ts';
import { toFloat } from './decimal.ts';
import { plainKinds, type Told, toldSchema } from './figures.ts';

/** Limits that halt when they are broken. Amounts in the settlement coin, the drawdown in percent. */
export const BREACHES = {
  daily_loss: { scope: 'scope', actual: 'decimal', allowed: 'decimal' },
  drawdown: { scope: 'scope', actual: 'decimal', allowed: 'decimal' },
  stop_outs: { scope: 'scope', actual: 'count', allowed: 'count', within: 'duration' },
} as const;
export const toldBreachSchema = toldSchema(plainKinds, BREACHES);
/** A broken limit as it is told: over what, by how much. */
export type ToldBreach = Told<typeof plainKinds, typeof BREACHES>;

export function toldBreach(
  scope: ToldBreach['figures']['scope'],
  { limit, actual, allowed, windowMs = 0 }: Breach,
): ToldBreach {
  if (limit !== 'stop_outs') return { code: limit, figures: { scope, actual, allowed } };
  const figures = { scope, actual: toFloat(actual), allowed: toFloat(allowed), within: windowMs };
  return { code: limit, figures };
}
