import { expect, test } from 'vitest';
import { SIMULATED_INSTRUMENTS } from '../simulated/prices/instruments.ts';
import { parseCandles } from './candleCsv.ts';
import { checkRecording, symbolOf } from './recording.ts';

const row = (minute: number, price: string): string =>
  `${new Date(Date.UTC(2026, 0, 5) + minute * 60_000).toISOString().slice(0, 19)}Z,${price},${price},${price},${price},1`;
const file = (everyMinutes: number, price: string, rows = 20): string =>
  [
    'open_time,open,high,low,close,volume',
    ...Array.from({ length: rows }, (_, index) => row(index * everyMinutes, price)),
  ].join('\n');
const check = (symbol: string, text: string) => () => {
  const instrument = SIMULATED_INSTRUMENTS.find((one) => one.symbol === symbol);
  if (instrument === undefined) throw new Error(`no ${symbol}`);
  const { candles, gaps } = parseCandles(text);
  checkRecording(instrument, candles, gaps);
};

test('[MET-35] hours are no minutes, and a price in other steps is of another market', () => {
  expect(check('BTCUSDT', file(1, '60000'))).not.toThrow();
  expect(check('BTCUSDT', file(60, '60000'))).toThrow('60 minutes or more apart: a replay needs 1-minute');
  expect(check('BTCUSDT', file(1, '0.5123'))).toThrow('0.5123 is not one of BTCUSDT');
  expect(check('XRPUSDT', file(1, '0.5123'))).not.toThrow();
});

test('[MET-35] a recording is of the market that its name says, and of no other', () => {
  expect(symbolOf('/data/XRPUSDT_1m.csv')).toBe('XRPUSDT');
  expect(symbolOf('candles.csv')).toBe('BTCUSDT');
  expect(symbolOf('candles.csv', 'ETHUSDT')).toBe('ETHUSDT');
  expect(() => symbolOf('/data/XRPUSDT_1m.csv', 'BTCUSDT')).toThrow('of XRPUSDT, not of BTCUSDT');
});
