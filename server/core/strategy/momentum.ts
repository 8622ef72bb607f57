import { z } from 'zod';
import { ONE } from '../../../shared/domain/decimal.ts';
import type { Direction } from '../../../shared/domain/position.ts';
import {
  allows,
  entry,
  exit,
  figure,
  holdText,
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
export type MomentumNote = 'enters' | 'holds' | 'exits' | 'waits_for_trend' | 'waits_for_rsi' | 'side_off';

interface Verdict {
  code: MomentumNote;
  text: string;
  desired?: DesiredOrder;
}

interface Signal {
  direction: Direction | undefined;
  code: 'waits_for_trend' | 'waits_for_rsi';
  text: string;
}

/** What the market says, whatever is held. */
function readSignal({ params, bars: series }: StrategyContext<MomentumParams>): Signal {
  const fast = ema(series.close, params.fastPeriod);
  const slow = ema(series.close, params.slowPeriod);
  const names = `EMA${params.fastPeriod} ${figure(lastOf(fast))}, EMA${params.slowPeriod} ${figure(lastOf(slow))}`;
  const cross = lastCross(fast, slow, 1);
  if (cross !== undefined) {
    const direction = cross.direction === 'up' ? 'long' : 'short';
    return { direction, code: 'waits_for_rsi', text: `${names}: crossed ${cross.direction}` };
  }
  const lead = lastOf(fast) - lastOf(slow);
  if (lead === 0)
    return { direction: undefined, code: 'waits_for_trend', text: `${names}: no trend, waits for one` };

  const strength = lastOf(rsi(series.close, params.rsiPeriod, 1));
  const [min, max] =
    lead > 0 ? [params.longRsiMin, params.longRsiMax] : [params.shortRsiMin, params.shortRsiMax];
  const trend = `${names}: ${lead > 0 ? 'rising' : 'falling'}, RSI ${oneDigit(strength)}`;
  if (strength < min || strength > max) {
    return {
      direction: undefined,
      code: 'waits_for_rsi',
      text: `${trend}, waits for ${min} to ${max} or a cross`,
    };
  }
  return { direction: lead > 0 ? 'long' : 'short', code: 'waits_for_rsi', text: trend };
}

function judge(context: StrategyContext<MomentumParams>): Verdict {
  const { params, position } = context;
  const signal = readSignal(context);
  if (position !== null) {
    if (signal.direction !== undefined && signal.direction !== position.direction) {
      const text = `reverse signal: ${signal.text}`;
      return { code: 'exits', text, desired: exit('signal_exit', position.direction, ONE, text) };
    }
    return { code: 'holds', text: holdText(position, lastOf(context.bars.close)) };
  }
  if (signal.direction === undefined) return { code: signal.code, text: signal.text };
  if (!allows(params, signal.direction))
    return { code: 'side_off', text: `${signal.text}, but ${signal.direction} is off` };
  const text = `${signal.direction}: ${signal.text}`;
  return { code: 'enters', text, desired: entry(signal.direction, text) };
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
      note: { code: verdict.code, text: verdict.text },
    };
  },
};
