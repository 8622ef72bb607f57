import type { Limits, LimitValues } from '../../shared/domain/account.ts';
import { type Decimal, dec, gt, isPositive, max, mulDiv, sub, ZERO } from '../../shared/domain/decimal.ts';

/** A limit that is broken the moment it is saved. */
export interface LimitBreak {
  limit: 'dailyLoss' | 'drawdownPct';
  /** Lost today, an amount; or the drawdown, in percent. */
  actual: Decimal;
  allowed: Decimal;
  /** Every position is closed; else they are kept with their stops. */
  closes: boolean;
}

const HUNDRED = dec('100');
/** As the engine rounds a drawdown. */
const PERCENT_SCALE = 4;
/** What decides about positions, and what the engine calls a breach. */
const POLICY = { dailyLoss: 'dailyLossPolicy', drawdownPct: 'drawdownPolicy' } as const;
const BREACHED = { dailyLoss: 'daily_loss', drawdownPct: 'drawdown' } as const;

/**
 * What saving these values sets off at once, by the same rules as the engine. `equity` undefined: nobody can say.
 * What is not changed, or broken already, is no news, unless its policy becomes harsher.
 */
export function breaksAtOnce(limits: Limits, values: LimitValues, equity: Decimal | undefined): LimitBreak[] {
  if (equity === undefined) return [];
  const { dayStart, peakEquity } = limits;
  const found: LimitBreak[] = [];
  if (values.dailyLoss !== null && dayStart !== null) {
    const lost = sub(dayStart.equity, equity);
    if (gt(lost, values.dailyLoss))
      found.push({
        ...{ limit: 'dailyLoss', actual: lost, allowed: values.dailyLoss },
        closes: values.dailyLossPolicy !== 'hold',
      });
  }
  if (values.drawdownPct !== null) {
    const peak = max(peakEquity ?? equity, equity);
    const drawdown = isPositive(peak) ? mulDiv(sub(peak, equity), HUNDRED, peak, PERCENT_SCALE) : ZERO;
    if (gt(drawdown, values.drawdownPct))
      found.push({
        ...{ limit: 'drawdownPct', actual: drawdown, allowed: values.drawdownPct },
        closes: values.drawdownPolicy !== 'hold',
      });
  }
  return found.filter(({ limit, closes }) => {
    const policy = POLICY[limit];
    if (values[limit] === limits.values[limit] && values[policy] === limits.values[policy]) return false;
    const standing = limits.breaches.find((breach) => breach.limit === BREACHED[limit]);
    return standing === undefined || (standing.policy === 'hold' && closes);
  });
}
