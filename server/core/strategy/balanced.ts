import { z } from 'zod';
import type { StrategyNote } from '../../../shared/domain/botNote.ts';
import type { Direction } from '../../../shared/domain/position.ts';
import {
  allows,
  entry,
  exit,
  figure,
  heldFigures,
  lastOf,
  oneDigit,
  protectionPlan,
  shareOf,
} from './decisions.ts';
import { ema, lastCross, macd, rsi, settledBars } from './indicators.ts';
import { bars, exitParams, level, mustBeBelow, openInput } from './params.ts';
import type { DesiredOrder, HeldPosition, Strategy, StrategyContext, StrategyDecision } from './strategy.ts';

const paramsSchema = z
  .strictObject({
    rsiPeriod: bars(14, 2, 30, 'Period of the RSI'),
    oversold: level(30, 1, 50, 'Long setup: RSI below this'),
    overbought: level(70, 50, 99, 'Short setup: RSI above this'),
    neutralLow: level(45, 2, 55, 'Lower end of the neutral RSI: half of a long goes out from here on'),
    neutralHigh: level(55, 45, 98, 'Upper end of the neutral RSI: half of a short goes out from here on'),
    divergenceBars: bars(
      5,
      0,
      60,
      'Setup: price at a new extreme of this many bars, RSI not; 0 = not asked for',
    ),
    setupBars: bars(10, 1, 60, 'How old a setup may be when the MACD confirms it; 1 = the same bar'),
    macdFast: bars(12, 2, 50, 'MACD fast period'),
    macdSlow: bars(26, 3, 60, 'MACD slow period'),
    macdSignal: bars(9, 2, 30, 'MACD signal period'),
    macdCrossWithinBars: bars(3, 0, 30, 'How recent the MACD cross must be; 1 = on the last bar; 0 = any'),
    trendPeriod: bars(200, 0, 250, 'Longs only above this EMA, shorts only below; 0 = not asked for'),
    partialSharePct: level(50, 0, 95, 'Share of the size taken when the RSI is neutral again; 0 = none (%)'),
    ...exitParams(2, 4),
  })
  .superRefine((params, context) => {
    mustBeBelow(params, 'oversold', 'neutralLow', context);
    mustBeBelow(params, 'neutralHigh', 'overbought', context);
    mustBeBelow(params, 'neutralLow', 'neutralHigh', context);
    mustBeBelow(params, 'macdFast', 'macdSlow', context);
    if (params.trendPeriod === 1) {
      context.issues.push({
        code: 'custom',
        input: params,
        path: ['trendPeriod'],
        message: 'trendPeriod must be 0 or at least 2',
      });
    }
  });

export type BalancedParams = z.infer<typeof paramsSchema>;

interface Verdict {
  note: StrategyNote;
  desired?: DesiredOrder;
}

/** Slot of the exit of half the size, taken once per position. */
const HALF = 'half';

export const balanced: Strategy<BalancedParams> = {
  id: 'balanced',
  name: 'Balanced',
  summary:
    'Buys exhausted falls and sells exhausted rises with the trend, when RSI, divergence and MACD agree.',
  defaultInterval: '1h',
  paramsSchema: openInput(paramsSchema),
  presets: [
    { id: 'default', name: 'As described (1h)', interval: '1h', params: {} },
    {
      id: '1m',
      name: '1 minute',
      interval: '1m',
      params: { oversold: 35, overbought: 65, trendPeriod: 0, stopLossPct: 0.8, takeProfitPct: 1.6 },
    },
    {
      id: '5m',
      name: '5 minutes',
      interval: '5m',
      params: {
        rsiPeriod: 9,
        oversold: 40,
        overbought: 60,
        divergenceBars: 3,
        macdFast: 6,
        macdSlow: 13,
        macdSignal: 5,
        trendPeriod: 0,
        stopLossPct: 0.6,
        takeProfitPct: 1.2,
      },
    },
    {
      id: '15m',
      name: '15 minutes',
      interval: '15m',
      params: {
        rsiPeriod: 9,
        oversold: 40,
        overbought: 60,
        neutralLow: 50,
        neutralHigh: 51,
        divergenceBars: 0,
        macdFast: 6,
        macdSlow: 13,
        macdSignal: 5,
        trendPeriod: 0,
        stopLossPct: 0.6,
        takeProfitPct: 1.2,
      },
    },
    {
      id: 'demo',
      name: '1m demo',
      interval: '1m',
      params: {
        rsiPeriod: 7,
        oversold: 48,
        overbought: 52,
        neutralLow: 49,
        neutralHigh: 51,
        divergenceBars: 0,
        macdFast: 4,
        macdSlow: 9,
        macdSignal: 3,
        macdCrossWithinBars: 12,
        trendPeriod: 0,
        stopLossPct: 0.3,
        takeProfitPct: 0.4,
        maxHoldMinutes: 15,
      },
    },
  ],
  warmupBars: (params) =>
    Math.max(
      settledBars(params.rsiPeriod, rsiValues(params)),
      settledBars(params.macdSlow, params.macdSignal + macdValues(params)),
      3 * params.trendPeriod,
    ),
  evaluate(context): StrategyDecision {
    const verdict = context.position === null ? judgeEntry(context) : judgeExit(context, context.position);
    return {
      desired: verdict.desired === undefined ? [] : [verdict.desired],
      protection: protectionPlan(context.params, [], 'tp1'),
      note: verdict.note,
    };
  },
};

const rsiValues = (params: BalancedParams): number => params.setupBars + params.divergenceBars;
const macdValues = (params: BalancedParams): number => Math.max(1, params.macdCrossWithinBars) + 1;

function judgeExit(
  { params, bars: series }: StrategyContext<BalancedParams>,
  position: HeldPosition,
): Verdict {
  const strength = lastOf(rsi(series.close, params.rsiPeriod, 1));
  const held = { ...heldFigures(position, lastOf(series.close)), rsi: oneDigit(strength) };
  if (params.partialSharePct === 0 || position.partialsTaken.includes(HALF))
    return { note: { code: 'holds_by_rsi', figures: held } };
  const long = position.direction === 'long';
  const limit = long ? params.neutralLow : params.neutralHigh;
  if (long ? strength >= limit : strength <= limit) {
    return {
      note: { code: 'takes_half', figures: { rsi: held.rsi, share: figure(params.partialSharePct) } },
      desired: exit(HALF, position.direction, shareOf(params.partialSharePct)),
    };
  }
  const bound = long ? 'above' : 'below';
  return { note: { code: 'holds_for_half', figures: { ...held, bound, limit: figure(limit) } } };
}

function judgeEntry({ params, bars: series }: StrategyContext<BalancedParams>): Verdict {
  const strengths = rsi(series.close, params.rsiPeriod, rsiValues(params));
  const strength = lastOf(strengths);
  const setup = findSetup(params, series.close, strengths);
  if (setup.found === undefined) return { note: setup.note };
  const direction = setup.found;
  const long = direction === 'long';
  const rsiNow = oneDigit(strength);
  if (!allows(params, direction)) return { note: { code: 'side_off', figures: { direction } } };

  if (long ? strength >= params.neutralLow : strength <= params.neutralHigh)
    return { note: { code: 'setup_spent', figures: { direction, rsi: rsiNow } } };

  const close = lastOf(series.close);
  if (params.trendPeriod > 0) {
    const trend = lastOf(ema(series.close, params.trendPeriod));
    if (long ? close <= trend : close >= trend) {
      const bound = long ? 'above' : 'below';
      const average = { period: params.trendPeriod, average: figure(trend) };
      return {
        note: { code: 'waits_for_side', figures: { direction, close: figure(close), bound, ...average } },
      };
    }
  }

  if (params.macdCrossWithinBars > 0) {
    const lines = macd(series.close, params.macdFast, params.macdSlow, params.macdSignal, macdValues(params));
    const wanted = long ? 'up' : 'down';
    if (lastCross(lines.macd, lines.signal, params.macdCrossWithinBars)?.direction !== wanted) {
      const [macdNow, signal] = [figure(lastOf(lines.macd)), figure(lastOf(lines.signal))];
      return {
        note: { code: 'waits_for_macd', figures: { direction, macd: macdNow, signal, cross: wanted } },
      };
    }
  }
  return {
    note: { code: 'enters_on_setup', figures: { direction, rsi: rsiNow } },
    desired: entry(direction),
  };
}

type Setup = { found: Direction } | { found?: never; note: StrategyNote };

/** The newest bar of the last `setupBars` that was oversold or overbought, with divergence if asked for. */
function findSetup(params: BalancedParams, closes: readonly number[], strengths: readonly number[]): Setup {
  let extreme: number | undefined;
  for (let barsAgo = 0; barsAgo < params.setupBars; barsAgo += 1) {
    const strength = strengths[strengths.length - 1 - barsAgo] ?? 50;
    const direction =
      strength < params.oversold ? 'long' : strength > params.overbought ? 'short' : undefined;
    if (direction === undefined) continue;
    extreme ??= strength;
    if (
      params.divergenceBars === 0 ||
      diverges(direction, closes, strengths, barsAgo, params.divergenceBars)
    ) {
      return { found: direction };
    }
  }
  if (extreme !== undefined) {
    const figures = { rsi: oneDigit(extreme), bars: params.divergenceBars };
    return { note: { code: 'waits_for_divergence', figures } };
  }
  const [low, high] = [figure(params.oversold), figure(params.overbought)];
  return { note: { code: 'waits_for_extreme', figures: { rsi: oneDigit(lastOf(strengths)), low, high } } };
}

/** Price closed beyond all of the `span` bars before; the RSI had been further out in one of them. */
function diverges(
  direction: Direction,
  closes: readonly number[],
  strengths: readonly number[],
  barsAgo: number,
  span: number,
): boolean {
  const sign = direction === 'long' ? 1 : -1;
  const before = (values: readonly number[]): number[] =>
    values
      .slice(values.length - 1 - barsAgo - span, values.length - 1 - barsAgo)
      .map((value) => sign * value);
  const at = (values: readonly number[]): number => sign * (values[values.length - 1 - barsAgo] ?? 0);
  return at(closes) < Math.min(...before(closes)) && at(strengths) > Math.min(...before(strengths));
}
