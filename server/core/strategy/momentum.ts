import { z } from 'zod';
import type { StrategyNote } from '../../../shared/domain/botNote.ts';
import { type Decimal, ONE } from '../../../shared/domain/decimal.ts';
import type { Direction } from '../../../shared/domain/position.ts';
import {
  allows,
  averages,
  entry,
  exit,
  figure,
  heldFigures,
  lastOf,
  oneDigit,
  percent,
  protectionPlan,
} from './decisions.ts';
import { ema, lastCross, rsi, settledBars } from './indicators.ts';
import { bars, exitParams, level, mustBeBelow, openInput, pct } from './params.ts';
import type { DesiredOrder, Strategy, StrategyContext, StrategyDecision } from './strategy.ts';

const paramsSchema = z
  .strictObject({
    fastPeriod: bars(9, 2, 100, 'Period of the fast EMA'),
    slowPeriod: bars(21, 3, 200, 'Period of the slow EMA'),
    rsiPeriod: bars(14, 2, 30, 'Period of the RSI'),
    longRsiMin: level(25, 0, 100, 'Long in a rising trend: RSI at least this'),
    longRsiMax: level(50, 0, 100, 'Long in a rising trend: RSI at most this'),
    shortRsiMin: level(50, 0, 100, 'Short in a falling trend: RSI at least this'),
    shortRsiMax: level(75, 0, 100, 'Short in a falling trend: RSI at most this'),
    trailingActivatePct: pct(1, 0, 50, 'The stop follows the price from this profit on; 0 = never'),
    trailingDistancePct: pct(0.5, 0.05, 20, 'Distance at which it follows'),
    ...exitParams(1.5, 3),
  })
  .superRefine((params, context) => {
    mustBeBelow(params, 'fastPeriod', 'slowPeriod', context);
    mustBeBelow(params, 'longRsiMin', 'longRsiMax', context);
    mustBeBelow(params, 'shortRsiMin', 'shortRsiMax', context);
  });

export type MomentumParams = z.infer<typeof paramsSchema>;

interface Verdict {
  note: StrategyNote;
  desired?: DesiredOrder;
}

/** A signal with its figures, or what it waits for. */
type Signal =
  | { direction: Direction; crossed: boolean; figures: ReturnType<typeof averages>; rsi: Decimal }
  | { direction?: never; note: StrategyNote };

/** What the market says, whatever is held. */
function readSignal({ params, bars: series }: StrategyContext<MomentumParams>): Signal {
  const fast = ema(series.close, params.fastPeriod);
  const slow = ema(series.close, params.slowPeriod);
  const figures = averages(params, fast, slow);
  const strength = lastOf(rsi(series.close, params.rsiPeriod, 1));
  const rsiNow = oneDigit(strength);
  const cross = lastCross(fast, slow, 1);
  if (cross !== undefined)
    return { direction: cross.direction === 'up' ? 'long' : 'short', crossed: true, figures, rsi: rsiNow };
  const lead = lastOf(fast) - lastOf(slow);
  if (lead === 0) return { note: { code: 'waits_for_trend', figures } };

  const [min, max] =
    lead > 0 ? [params.longRsiMin, params.longRsiMax] : [params.shortRsiMin, params.shortRsiMax];
  if (strength < min || strength > max) {
    const [low, high] = [figure(min), figure(max)];
    const trend = lead > 0 ? 'rising' : 'falling';
    return { note: { code: 'waits_for_pullback', figures: { ...figures, trend, rsi: rsiNow, low, high } } };
  }
  return { direction: lead > 0 ? 'long' : 'short', crossed: false, figures, rsi: rsiNow };
}

function judge(context: StrategyContext<MomentumParams>): Verdict {
  const { params, position } = context;
  const signal = readSignal(context);
  if (position !== null) {
    if (signal.direction !== undefined && signal.direction !== position.direction) {
      const note = { code: 'exits', figures: { direction: signal.direction, ...signal.figures } } as const;
      return { note, desired: exit('signal_exit', position.direction, ONE) };
    }
    return { note: { code: 'holds', figures: heldFigures(position, lastOf(context.bars.close)) } };
  }
  if (signal.direction === undefined) return { note: signal.note };
  const { direction } = signal;
  if (!allows(params, direction)) return { note: { code: 'side_off', figures: { direction } } };
  const figures = { direction, ...signal.figures, rsi: signal.rsi };
  const code = signal.crossed ? 'enters_on_cross' : 'enters_on_pullback';
  return { note: { code, figures }, desired: entry(direction) };
}

export const momentum: Strategy<MomentumParams> = {
  id: 'momentum',
  name: 'Momentum',
  summary: 'Joins short trends on pullbacks or at the cross, trails the stop, leaves on the reverse signal.',
  defaultInterval: '5m',
  paramsSchema: openInput(paramsSchema),
  presets: [
    { id: 'default', name: 'As described (5m)', interval: '5m', params: {} },
    {
      id: '1m',
      name: '1 minute',
      interval: '1m',
      params: { fastPeriod: 45, slowPeriod: 105, longRsiMax: 40, shortRsiMin: 60 },
    },
    { id: '5m', name: '5 minutes, slower', interval: '5m', params: { fastPeriod: 45, slowPeriod: 105 } },
    {
      id: '15m',
      name: '15 minutes',
      interval: '15m',
      params: { fastPeriod: 20, slowPeriod: 50, longRsiMax: 45, shortRsiMin: 55 },
    },
    {
      id: 'demo',
      name: '1m demo',
      interval: '1m',
      params: {
        fastPeriod: 5,
        slowPeriod: 13,
        rsiPeriod: 7,
        longRsiMin: 0,
        longRsiMax: 100,
        shortRsiMin: 0,
        shortRsiMax: 100,
        trailingActivatePct: 0.15,
        trailingDistancePct: 0.1,
        stopLossPct: 0.3,
        takeProfitPct: 0.4,
        maxHoldMinutes: 15,
      },
    },
  ],
  warmupBars: (params) => Math.max(4 * params.slowPeriod, settledBars(params.rsiPeriod, 1)),
  evaluate(context): StrategyDecision {
    const { params } = context;
    const verdict = judge(context);
    const trailing =
      params.trailingActivatePct > 0
        ? {
            activatePct: percent(params.trailingActivatePct),
            distancePct: percent(params.trailingDistancePct),
          }
        : null;
    return {
      desired: verdict.desired === undefined ? [] : [verdict.desired],
      protection: { ...protectionPlan(params, [], 'tp1'), trailing },
      note: verdict.note,
    };
  },
};
