import { z } from 'zod';
import type { StrategyNote } from '../../../shared/domain/botNote.ts';
import {
  allows,
  averages,
  entry,
  figure,
  heldFigures,
  lastOf,
  oneDigit,
  protectionPlan,
  volumeNote,
} from './decisions.ts';
import { ema, lastCross, rsi, settledBars, sma } from './indicators.ts';
import { bars, exitParams, level, mustBeBelow, openInput, pct } from './params.ts';
import type { Strategy, StrategyContext, StrategyDecision } from './strategy.ts';

const paramsSchema = z
  .strictObject({
    fastPeriod: bars(20, 2, 100, 'Period of the fast EMA'),
    slowPeriod: bars(50, 3, 200, 'Period of the slow EMA'),
    crossWithinBars: bars(1, 1, 60, 'How recent the cross must be; 1 = on the last bar'),
    rsiPeriod: bars(14, 2, 30, 'Period of the RSI'),
    rsiMidline: level(50, 10, 90, 'Long needs an RSI above this; short one below 100 less this'),
    volumePeriod: bars(30, 2, 200, 'Period of the average volume, the last bar included'),
    volumeFactor: level(1.5, 0, 10, 'Volume must exceed this multiple of its average; 0 = any volume'),
    partialAtPct: pct(5, 0.1, 100, 'First take-profit distance'),
    partialSharePct: level(50, 0, 95, 'Share of the size taken there; 0 = none (%)'),
    ...exitParams(4, 8),
  })
  .superRefine((params, context) => {
    mustBeBelow(params, 'fastPeriod', 'slowPeriod', context);
    if (params.partialSharePct > 0) mustBeBelow(params, 'partialAtPct', 'takeProfitPct', context);
  });

export type ConservativeParams = z.infer<typeof paramsSchema>;

function judge({ params, bars: series, position }: StrategyContext<ConservativeParams>): StrategyNote {
  const close = lastOf(series.close);
  if (position !== null) return { code: 'holds', figures: heldFigures(position, close) };
  const fast = ema(series.close, params.fastPeriod);
  const slow = ema(series.close, params.slowPeriod);
  const cross = lastCross(fast, slow, params.crossWithinBars);
  const figures = averages(params, fast, slow);
  if (cross === undefined) return { code: 'waits_for_cross', figures };

  const direction = cross.direction === 'up' ? 'long' : 'short';
  if (!allows(params, direction)) return { code: 'side_off', figures: { direction } };

  const strength = lastOf(rsi(series.close, params.rsiPeriod, 1));
  const rsiNow = oneDigit(strength);
  const limit = direction === 'long' ? params.rsiMidline : 100 - params.rsiMidline;
  if (direction === 'long' ? strength <= limit : strength >= limit) {
    const bound = direction === 'long' ? 'above' : 'below';
    return { code: 'waits_for_rsi', figures: { direction, rsi: rsiNow, bound, limit: figure(limit) } };
  }

  const volume = lastOf(series.volume);
  const average = sma(series.volume, params.volumePeriod);
  if (params.volumeFactor > 0 && volume <= params.volumeFactor * average)
    return volumeNote(direction, volume, params.volumeFactor, average);
  return { code: 'enters_on_cross', figures: { direction, ...figures, rsi: rsiNow } };
}

export const conservative: Strategy<ConservativeParams> = {
  id: 'conservative',
  name: 'Conservative',
  summary: 'Follows a fresh EMA cross that RSI and volume confirm; wide stop, half out on the way.',
  defaultInterval: '4h',
  paramsSchema: openInput(paramsSchema),
  presets: [
    { id: 'default', name: 'As described (4h)', interval: '4h', params: {} },
    {
      id: '1m',
      name: '1 minute',
      interval: '1m',
      params: { crossWithinBars: 3, stopLossPct: 0.8, takeProfitPct: 1.6, partialAtPct: 1 },
    },
    {
      id: '5m',
      name: '5 minutes',
      interval: '5m',
      params: {
        fastPeriod: 10,
        slowPeriod: 30,
        crossWithinBars: 3,
        volumeFactor: 1.2,
        stopLossPct: 0.8,
        takeProfitPct: 1.6,
        partialAtPct: 1,
      },
    },
    {
      id: '15m',
      name: '15 minutes',
      interval: '15m',
      params: {
        fastPeriod: 8,
        slowPeriod: 21,
        crossWithinBars: 3,
        volumeFactor: 1.2,
        stopLossPct: 0.7,
        takeProfitPct: 1.4,
        partialAtPct: 0.9,
      },
    },
    {
      id: 'demo',
      name: '1m demo',
      interval: '1m',
      params: {
        fastPeriod: 3,
        slowPeriod: 8,
        crossWithinBars: 60,
        rsiPeriod: 7,
        rsiMidline: 30,
        volumeFactor: 0,
        stopLossPct: 0.3,
        takeProfitPct: 0.4,
        partialAtPct: 0.2,
        maxHoldMinutes: 15,
      },
    },
  ],
  warmupBars: (params) =>
    Math.max(
      4 * params.slowPeriod,
      settledBars(params.rsiPeriod, 1),
      params.volumePeriod,
      params.crossWithinBars + 1,
    ),
  evaluate(context): StrategyDecision {
    const { params } = context;
    const note = judge(context);
    return {
      desired: note.code === 'enters_on_cross' ? [entry(note.figures.direction)] : [],
      protection: protectionPlan(
        params,
        [{ slot: 'tp1', atPct: params.partialAtPct, sharePct: params.partialSharePct }],
        'tp2',
      ),
      note,
    };
  },
};
