import { z } from 'zod';
import type { StrategyNote } from '../../../shared/domain/botNote.ts';
import type { Direction } from '../../../shared/domain/position.ts';
import {
  allows,
  entry,
  figure,
  heldFigures,
  lastOf,
  oneDigit,
  protectionPlan,
  volumeNote,
} from './decisions.ts';
import { adx, bollinger, settledBars, sma } from './indicators.ts';
import { bars, exitParams, level, mustBeBelow, openInput, pct } from './params.ts';
import type { Strategy, StrategyContext, StrategyDecision } from './strategy.ts';

const paramsSchema = z
  .strictObject({
    bandPeriod: bars(20, 5, 100, 'Period of the Bollinger bands'),
    bandDeviations: level(2, 0.1, 5, 'Half width of the bands (standard deviations)'),
    adxPeriod: bars(14, 2, 30, 'Period of the ADX'),
    adxMin: level(25, 0, 80, 'ADX must exceed this; 0 = any'),
    volumePeriod: bars(20, 2, 200, 'Period of the average volume, the last bar included'),
    volumeFactor: level(2, 0, 10, 'Volume must exceed this multiple of its average; 0 = any volume'),
    candleColour: z
      .boolean()
      .default(true)
      .describe('Long only on a bar that closed above its open, short below'),
    firstAtPct: pct(3, 0.1, 100, 'First take-profit distance'),
    firstSharePct: level(50, 0, 90, 'Share of the size taken there; 0 = none (%)'),
    secondAtPct: pct(6, 0.1, 100, 'Second take-profit distance'),
    secondSharePct: level(25, 0, 90, 'Share of the size taken there; 0 = none (%)'),
    ...exitParams(1.5, 8),
  })
  .superRefine((params, context) => {
    if (params.firstSharePct > 0) mustBeBelow(params, 'firstAtPct', 'takeProfitPct', context);
    if (params.secondSharePct > 0) mustBeBelow(params, 'secondAtPct', 'takeProfitPct', context);
    if (params.firstSharePct > 0 && params.secondSharePct > 0)
      mustBeBelow(params, 'firstAtPct', 'secondAtPct', context);
    if (params.firstSharePct + params.secondSharePct >= 100) {
      const message =
        'firstSharePct + secondSharePct must be below 100, so that something is left for the final take-profit';
      context.issues.push({ code: 'custom', input: params, path: ['secondSharePct'], message });
    }
  });

export type AggressiveParams = z.infer<typeof paramsSchema>;

function judge({ params, bars: series, position }: StrategyContext<AggressiveParams>): StrategyNote {
  const close = lastOf(series.close);
  if (position !== null) return { code: 'holds', figures: heldFigures(position, close) };

  const before = series.close.slice(0, -1);
  const bands = bollinger(series.close, params.bandPeriod, params.bandDeviations);
  const bandsBefore = bollinger(before, params.bandPeriod, params.bandDeviations);
  const closeBefore = lastOf(before);
  const range = { close: figure(close), lower: figure(bands.lower), upper: figure(bands.upper) };
  let direction: Direction | undefined;
  if (close > bands.upper && closeBefore <= bandsBefore.upper) direction = 'long';
  else if (close < bands.lower && closeBefore >= bandsBefore.lower) direction = 'short';
  if (direction === undefined) {
    const outside = close > bands.upper || close < bands.lower;
    return { code: outside ? 'waits_for_return' : 'waits_for_breakout', figures: range };
  }
  if (!allows(params, direction)) return { code: 'side_off', figures: { direction } };

  const strength = adx(series, params.adxPeriod);
  const adxNow = oneDigit(strength);
  if (params.adxMin > 0 && strength <= params.adxMin)
    return { code: 'waits_for_adx', figures: { direction, adx: adxNow, limit: figure(params.adxMin) } };
  const volume = lastOf(series.volume);
  const average = sma(series.volume, params.volumePeriod);
  if (params.volumeFactor > 0 && volume <= params.volumeFactor * average)
    return volumeNote(direction, volume, params.volumeFactor, average);
  const open = lastOf(series.open);
  if (params.candleColour && (direction === 'long' ? close <= open : close >= open)) {
    return { code: 'waits_for_colour', figures: { direction, open: figure(open), close: figure(close) } };
  }
  return { code: 'enters_on_breakout', figures: { direction, ...range, adx: adxNow } };
}

export const aggressive: Strategy<AggressiveParams> = {
  id: 'aggressive',
  name: 'Aggressive',
  summary:
    'Jumps on breakouts from the Bollinger bands in strong trends; tight stop, profits taken in three steps.',
  defaultInterval: '15m',
  paramsSchema: openInput(paramsSchema),
  presets: [
    { id: 'default', name: 'As described (15m)', interval: '15m', params: {} },
    {
      id: '1m',
      name: '1 minute',
      interval: '1m',
      params: { stopLossPct: 0.75, firstAtPct: 1, secondAtPct: 2, takeProfitPct: 3 },
    },
    {
      id: '5m',
      name: '5 minutes',
      interval: '5m',
      params: {
        adxMin: 20,
        volumeFactor: 1.5,
        stopLossPct: 0.6,
        firstAtPct: 0.8,
        secondAtPct: 1.6,
        takeProfitPct: 2.4,
      },
    },
    {
      id: '15m',
      name: '15 minutes',
      interval: '15m',
      params: {
        adxMin: 20,
        volumeFactor: 1.5,
        stopLossPct: 0.6,
        firstAtPct: 0.8,
        secondAtPct: 1.6,
        takeProfitPct: 2.4,
      },
    },
    {
      id: 'demo',
      name: '1m demo',
      interval: '1m',
      params: {
        bandPeriod: 5,
        bandDeviations: 0.4,
        adxMin: 0,
        volumeFactor: 0,
        stopLossPct: 0.3,
        firstAtPct: 0.15,
        secondAtPct: 0.3,
        takeProfitPct: 0.4,
        maxHoldMinutes: 15,
      },
    },
  ],
  warmupBars: (params) =>
    Math.max(settledBars(params.adxPeriod, 1), params.bandPeriod + 1, params.volumePeriod),
  evaluate(context): StrategyDecision {
    const { params } = context;
    const note = judge(context);
    const steps = [
      { slot: 'tp1', atPct: params.firstAtPct, sharePct: params.firstSharePct },
      { slot: 'tp2', atPct: params.secondAtPct, sharePct: params.secondSharePct },
    ];
    return {
      desired: note.code === 'enters_on_breakout' ? [entry(note.figures.direction)] : [],
      protection: protectionPlan(params, steps, 'tp3'),
      note,
    };
  },
};
