import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import {
  gt,
  gte,
  isMultipleOf,
  isPositive,
  lt,
  lte,
  max,
  min,
  toFloat,
} from '../../../../shared/domain/decimal.ts';
import { DEFAULT_SEED } from '../createSimulatedVenue.ts';
import { SyntheticPath } from './syntheticPath.ts';

const MINUTE_MS = 60_000;
const ANCHOR = Date.UTC(2026, 10, 22, 11, 7);
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT', 'DOGEUSDT'];

const closes = (path: SyntheticPath, symbol: string, from: number, minutes: number): number[] =>
  Array.from({ length: minutes }, (_close, i) => toFloat(path.candle(symbol, from + i * MINUTE_MS).close));
const returnsOf = (prices: number[]): number[] =>
  prices.slice(1).map((price, i) => Math.log(price / (prices[i] ?? price)));
const deviation = (values: number[]): number =>
  Math.sqrt(values.reduce((all, x) => all + x * x, 0) / values.length);

describe('made-up prices', () => {
  test('[SIM-35] are a pure function of seed, symbol and time: the order of questions does not matter', () => {
    const forwards = new SyntheticPath('x');
    const scattered = new SyntheticPath('x');
    const times = Array.from({ length: 400 }, (_time, i) => ANCHOR + i * MINUTE_MS);
    const shuffled = times.map((_time, i) => times[(i * 149) % times.length] ?? 0);
    const answers = new Map(shuffled.map((time) => [time, scattered.candle('ETHUSDT', time)]));
    for (const time of times) expect(answers.get(time)).toEqual(forwards.candle('ETHUSDT', time));
    expect(new SyntheticPath('y').quote('ETHUSDT', ANCHOR)).not.toEqual(forwards.quote('ETHUSDT', ANCHOR));
  });

  test('[SIM-35] are equal in every process', async () => {
    const source = fileURLToPath(new URL('./syntheticPath.ts', import.meta.url));
    const script = `import { SyntheticPath } from ${JSON.stringify(source)};
      const path = new SyntheticPath('two processes');
      process.stdout.write(JSON.stringify(${JSON.stringify(SYMBOLS)}.map((s) => [path.quote(s, ${ANCHOR}), path.candle(s, ${ANCHOR})])));`;
    const bundle = await build({
      stdin: { contents: script, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'ts' },
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
    });
    const code = bundle.outputFiles[0]?.text ?? '';
    const other = execFileSync(process.execPath, ['--input-type=module'], { input: code, encoding: 'utf8' });
    const path = new SyntheticPath('two processes');
    expect(JSON.parse(other)).toEqual(SYMBOLS.map((s) => [path.quote(s, ANCHOR), path.candle(s, ANCHOR)]));
  });

  test('[SIM-36] bars are exactly what was quoted in their minute, both ends included', () => {
    const path = new SyntheticPath('bars');
    for (const symbol of SYMBOLS) {
      for (let i = 0; i < 50; i++) {
        const openTime = ANCHOR + i * MINUTE_MS;
        const quoted = Array.from(
          { length: 13 },
          (_last, k) => path.quote(symbol, openTime + k * path.stepMs).last,
        );
        const bar = path.candle(symbol, openTime);
        expect([bar.open, bar.close]).toEqual([quoted[0], quoted[12]]);
        expect([bar.high, bar.low]).toEqual([quoted.reduce(max), quoted.reduce(min)]);
      }
    }
  });

  test('[SIM-37] quotes are on the tick grid with a spread, and funding is announced for the end of its 8 hours', () => {
    const path = new SyntheticPath(DEFAULT_SEED);
    for (const { symbol, tickSize, sizeStep } of path.instruments) {
      for (let i = 0; i < 500; i++) {
        const ts = ANCHOR + i * 37 * path.stepMs;
        const { last, bid, ask, mark, index, fundingRate, nextFundingTime } = path.quote(symbol, ts);
        for (const price of [last, bid, ask, mark, index]) expect(isMultipleOf(price, tickSize)).toBe(true);
        expect(isPositive(bid) && lt(bid, ask) && lte(bid, last) && gte(ask, last)).toBe(true);
        expect(nextFundingTime % (8 * 3_600_000)).toBe(0);
        expect(nextFundingTime - ts).toBeGreaterThan(0);
        expect(nextFundingTime - ts).toBeLessThanOrEqual(8 * 3_600_000);
        expect(Math.abs(toFloat(fundingRate))).toBeLessThanOrEqual(0.0006);
        const depth = path.depth(symbol, ts);
        expect(isPositive(depth) && isMultipleOf(depth, sizeStep)).toBe(true);
      }
    }
  });

  test('[SIM-38] look like a market: calm and agitated spells, heavy tails, legs in both directions, a bounded level', () => {
    const path = new SyntheticPath(DEFAULT_SEED);
    for (const symbol of SYMBOLS) {
      const returns = returnsOf(closes(path, symbol, ANCHOR, 4_000));
      const sigma = deviation(returns);
      expect(sigma).toBeGreaterThan(0.0004);
      expect(sigma).toBeLessThan(0.005);
      const kurtosis = returns.reduce((all, x) => all + x ** 4, 0) / returns.length / sigma ** 4;
      expect(kurtosis).toBeGreaterThan(4);
      const spells = Array.from({ length: 40 }, (_spell, i) =>
        deviation(returns.slice(i * 100, i * 100 + 99)),
      );
      expect(Math.max(...spells) / Math.min(...spells)).toBeGreaterThan(2);
      const yearly = closes(path, symbol, Date.UTC(2020, 0, 2), 1).concat(
        Array.from({ length: 200 }, (_day, i) =>
          toFloat(path.quote(symbol, Date.UTC(2020, 0, 2) + i * 30 * 86_400_000).last),
        ),
      );
      expect(Math.max(...yearly) / Math.min(...yearly)).toBeLessThan(60);
    }
  });

  test('[SIM-38] from any start, two minutes at speed 60 hold swings and bursts of volume to trade on', () => {
    const path = new SyntheticPath(DEFAULT_SEED);
    for (let start = 0; start < 24; start++) {
      const from = ANCHOR + start * 777 * MINUTE_MS;
      const bars = Array.from({ length: 120 }, (_bar, i) => path.candle('BTCUSDT', from + i * MINUTE_MS));
      const prices = bars.map((bar) => toFloat(bar.close));
      expect(Math.max(...prices) / Math.min(...prices)).toBeGreaterThan(1.004);
      const volumes = bars.map((bar) => toFloat(bar.volume)).sort((x, y) => x - y);
      expect((volumes[114] ?? 0) / (volumes[60] ?? 1)).toBeGreaterThan(2);
      const turns = returnsOf(prices).filter((x, i, all) => i > 0 && x > 0 !== (all[i - 1] ?? 0) > 0).length;
      expect(turns).toBeGreaterThan(20);
      expect(bars.every((bar) => gt(bar.high, bar.low))).toBe(true);
    }
  });

  test('[SIM-39] have years of history, and none before', () => {
    const path = new SyntheticPath('h');
    expect(isPositive(path.quote('BTCUSDT', path.firstTime).last)).toBe(true);
    expect(() => path.quote('BTCUSDT', path.firstTime - 1)).toThrow(RangeError);
    expect(() => path.quote('NOPE', ANCHOR)).toThrow(RangeError);
    expect(() => path.candle('BTCUSDT', ANCHOR + 1)).toThrow(RangeError);
  });
});
