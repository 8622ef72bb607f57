import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import type { Clock } from '../../ports/clock.ts';
import { describeMarketFeed } from '../../ports/marketFeed.contract.ts';
import type { TradableFeed } from '../../ports/tradableFeed.ts';
import { RecordingLogger } from '../../testing/recordingLogger.ts';
import { gated } from '../../testing/venue/gatedFeed.ts';
import { ManualClock } from '../../testing/venue/manualClock.ts';
import { order } from '../../testing/venue/venueWorld.ts';
import { createSimulatedVenue } from '../simulated/createSimulatedVenue.ts';
import { createPathFeed } from '../simulated/feed/pathFeed.ts';
import { SIMULATED_INSTRUMENTS } from '../simulated/prices/instruments.ts';
import { MemoryVenueStore } from '../simulated/store/memoryVenueStore.ts';
import { parseCandles, ReplayFileError } from './candleCsv.ts';
import { type CreateReplayFeed, createReplayFeed } from './createReplayFeed.ts';

const HEADER = 'open_time,open,high,low,close,volume';
const T0 = Date.UTC(2023, 2, 1);
const MINUTE_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'fillwire-replay-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const time = (minute: number): string =>
  new Date(T0 + minute * MINUTE_MS).toISOString().replace('T', ' ').replace('.000Z', '+00:00');
const csv = (...rows: string[]): string => `${[HEADER, ...rows].join('\n')}\n`;
const rising = (minutes: number): string =>
  csv(
    ...Array.from(
      { length: minutes },
      (_row, i) => `${time(i)},${100 + i},${102 + i}.04,${99 + i}.06,${101 + i},1.5`,
    ),
  );

let files = 0;
function fileWith(text: string): string {
  const file = join(folder, `${++files}.csv`);
  writeFileSync(file, text);
  return file;
}

function replay(fields: Partial<CreateReplayFeed> & { file: string }): Promise<TradableFeed> {
  return createReplayFeed({
    symbol: 'BTCUSDT',
    instruments: SIMULATED_INSTRUMENTS,
    speed: 'max',
    from: T0,
    createFeed: createPathFeed,
    clock: new ManualClock(),
    logger: new RecordingLogger(),
    ...fields,
  });
}

describeMarketFeed('A replay in lock-step', async () => {
  const feed = await replay({ file: fileWith(rising(20)), from: T0 + 5 * MINUTE_MS });
  const pass = gated(feed);
  return {
    feed,
    pass,
    stop: async () => {
      void pass(1_000);
      await feed.stop();
    },
  };
});

describe('the file of a replay', () => {
  test.each([
    ['', 'line 1: expected the header'],
    ['time,o,h,l,c,v\n', 'line 1: expected the header'],
    [csv(), 'no candles'],
    [csv(`${time(0)},1,2,0.5,1.5`), 'line 2: expected 6 columns, found 5'],
    [
      csv(`${time(0)},1,2,0.5,1.5,1`, `${time(1)},1,2,0.5,abc,1`),
      'line 3, column close: not a decimal number: "abc"',
    ],
    [csv(`${time(0)},1,2,0.5,NaN,1`), 'line 2, column close'],
    [csv(`${time(0)},1,1e3,0.5,1,1`), 'line 2, column high'],
    [csv(`${time(0)},0,2,0.5,1,1`), 'line 2, column open: must be positive'],
    [csv(`${time(0)},1,2,0.5,1,-1`), 'line 2, column volume: must be positive'],
    [csv(`${time(0)},1,0.9,0.5,0.8,1`), 'line 2, column high: 0.9 is below open or close'],
    [csv(`${time(0)},1,2,1.1,1.5,1`), 'line 2, column low: 1.1 is above open or close'],
    [csv('yesterday,1,2,0.5,1.5,1'), 'line 2, column open_time: not a UTC time'],
    [csv('2023-03-01 00:00:00+09:00,1,2,0.5,1.5,1'), 'line 2, column open_time: not a UTC time'],
    [csv('2023-13-01 00:00:00+00:00,1,2,0.5,1.5,1'), 'line 2, column open_time: no such time'],
    [csv('2023-03-01 00:00:30+00:00,1,2,0.5,1.5,1'), 'line 2, column open_time: not the start of a minute'],
    [
      csv(`${time(5)},1,2,0.5,1.5,1`, `${time(4)},1,2,0.5,1.5,1`),
      'line 3, column open_time: not after the row before',
    ],
    [
      csv(`${time(5)},1,2,0.5,1.5,1`, `${time(5)},1,2,0.5,1.5,1`),
      'line 3, column open_time: not after the row before',
    ],
    [csv(`${time(0)},1,2,0.5,1.5,1`, `${time(2000)},1,2,0.5,1.5,1`), '1999 minutes are missing before it'],
  ])('[REPLAY-1] is refused with line and column: %j', (text, message) => {
    expect(() => parseCandles(text)).toThrow(ReplayFileError);
    expect(() => parseCandles(text)).toThrow(message);
  });

  test('[REPLAY-2] missing minutes become flat bars at the last close, and the log says where', async () => {
    const logger = new RecordingLogger();
    const file = fileWith(csv(`${time(0)},100,102,99,101,1`, `${time(3)},105,106,104,105,1`));
    const feed = await replay({ file, logger });
    const flat = { open: '101', high: '101', low: '101', close: '101', volume: '0' };
    expect(feed.path.candle('BTCUSDT', T0 + MINUTE_MS)).toEqual({ openTime: T0 + MINUTE_MS, ...flat });
    expect(feed.path.candle('BTCUSDT', T0 + 2 * MINUTE_MS)).toMatchObject(flat);
    const [line] = logger.lines;
    expect(line).toMatchObject({
      level: 'warn',
      fields: { minutes: 2, line: 3, from: '2023-03-01T00:01:00.000Z' },
    });
  });

  test('[REPLAY-1] tiny volumes may be written with an exponent', () => {
    const row = (volume: string): string => csv(`${time(0)},100,102,99,101,${volume}`);
    const volumeOf = (text: string): string | undefined => parseCandles(row(text)).candles[0]?.volume;
    expect(volumeOf('9e-05')).toBe('0.00009');
    expect(volumeOf('1.25E-3')).toBe('0.00125');
    expect(volumeOf('1.5e+2')).toBe('150');
    expect(volumeOf('12.5e-1')).toBe('1.25');
    expect(() => parseCandles(row('1e400'))).toThrow('not a decimal number');
  });

  test('[REPLAY-3] a file, symbol, start or speed that cannot be used is named', async () => {
    await expect(replay({ file: join(folder, 'missing.csv') })).rejects.toThrow(/cannot read .*missing\.csv/);
    const file = fileWith(rising(3));
    await expect(replay({ file, symbol: 'PEPEUSDT' })).rejects.toThrow(/PEPEUSDT.*known: BTCUSDT/);
    await expect(replay({ file, from: T0 + 3 * MINUTE_MS })).rejects.toThrow(
      /the file covers 2023-03-01T00:00/,
    );
    await expect(replay({ file, speed: 0 })).rejects.toThrow(/speed/);
    await expect(replay({ file: fileWith(csv('x')) })).rejects.toThrow(/\.csv: line 2/);
  });
});

describe('the path inside a recorded bar', () => {
  const step = (feed: TradableFeed, index: number) =>
    feed.path.quote('BTCUSDT', T0 + index * feed.path.stepMs);

  test('[REPLAY-4] goes open, adverse extreme, other extreme, close: low first when it closed at or above its open', async () => {
    const file = fileWith(
      csv(`${time(0)},100,105,95,102,1`, `${time(1)},102,104,90,91,1`, `${time(2)},91,92,90,91,1`),
    );
    const feed = await replay({ file });
    const prices = Array.from({ length: 13 }, (_price, index) => step(feed, index).last);
    expect(prices).toEqual([
      '100',
      '95',
      '105',
      '102',
      '102',
      '104',
      '90',
      '91',
      '91',
      '90',
      '92',
      '91',
      '91',
    ]);
  });

  test('[REPLAY-5] prices are rounded to the tick, the ask is a tick above', async () => {
    const feed = await replay({
      file: fileWith(csv(`${time(0)},23140.48,23150.77,23128.52,23142.31,2.131777`)),
    });
    expect(feed.path.candle('BTCUSDT', T0)).toMatchObject({
      open: '23140.5',
      high: '23150.8',
      low: '23128.5',
      close: '23142.3',
      volume: '2.131777',
    });
    expect(step(feed, 0)).toMatchObject({ last: '23140.5', bid: '23140.5', ask: '23140.6', mark: '23140.5' });
  });

  test('[REPLAY-6] [FOUND-29] starts 300 bars into the file, with those as history, and ends with its last bar, saying so', async () => {
    const feed = await createReplayFeed({
      file: fileWith(rising(310)),
      symbol: 'BTCUSDT',
      instruments: SIMULATED_INSTRUMENTS,
      speed: 'max',
      createFeed: createPathFeed,
      clock: new ManualClock() as Clock,
      logger: new RecordingLogger(),
    });
    const opens: string[] = [];
    expect(feed.marketTime()).toBe(T0 + 300 * MINUTE_MS);
    const history = await feed.history('BTCUSDT', feed.marketTime(), 1_000);
    expect(history).toHaveLength(300);
    expect(history.at(-1)?.open).toBe('399');
    const told: string[] = [];
    expect((await feed.instruments()).map(({ status }) => status)).toEqual(['trading']);
    await feed.start({
      onQuote: () => {},
      onGap: () => {},
      onBar: (bar) => opens.push(bar.candle.open),
      onInstruments: (instruments) => told.push(...instruments.map(({ status }) => status)),
    });
    await feed.finished();
    expect(opens).toEqual(Array.from({ length: 10 }, (_open, i) => String(400 + i)));
    expect(told).toEqual(['ended']);
    expect((await feed.instruments()).map(({ status }) => status)).toEqual(['ended']);
    await feed.stop();
  });

  test('[FOUND-29] the venue that trades on a recording takes no entries once it was played to its end, also after a restart', async () => {
    const store = new MemoryVenueStore();
    const clock = new ManualClock();
    const logger = new RecordingLogger();
    const file = fileWith(rising(20));
    const play = async () => {
      const feed = await replay({ file, clock });
      const running = createSimulatedVenue({
        ...{ seed: '', speed: 'max', profile: 'ideal', store, clock, logger, feed },
      });
      await running.start();
      await running.venue.openAccount({ accountId: 'a' }, dec('10000'));
      const enter = () => running.venue.placeOrder(order('a', { side: 'buy', size: dec('1') }));
      const leave = () =>
        running.venue.placeOrder(order('a', { side: 'sell', size: dec('0.5'), reduceOnly: true }));
      return { ...running, feed, enter, leave };
    };
    const first = await play();
    expect(await first.enter()).toMatchObject({ outcome: 'accepted' });
    await first.feed.start({ onQuote: () => {}, onGap: () => {}, onBar: () => {} });
    await first.feed.finished();
    expect(await first.enter()).toMatchObject({ outcome: 'rejected', code: 'not_trading' });
    expect(await first.leave()).toMatchObject({ outcome: 'accepted' });
    // Nothing is put in order: it was killed.
    const second = await play();
    expect((await second.feed.instruments()).map(({ status }) => status)).toEqual(['ended']);
    expect(await second.enter()).toMatchObject({ outcome: 'rejected', code: 'not_trading' });
    expect(await second.leave()).toMatchObject({ outcome: 'accepted' });
    await second.stop();
  });

  test('[REPLAY-7] goes on where it was: nothing happens while nobody runs it', async () => {
    const clock = new ManualClock();
    const file = fileWith(rising(20));
    const first = await replay({ file, speed: 60, clock });
    const anchor = first.resume(undefined);
    clock.advance(3_600_000);
    const second = await replay({ file, speed: 60, clock });
    second.resume({ anchor, playedTo: T0 + 4 * MINUTE_MS });
    expect(second.marketTime()).toBe(T0 + 4 * MINUTE_MS);
    clock.advance(1_000);
    expect(second.marketTime()).toBe(T0 + 5 * MINUTE_MS);
  });

  test('[REPLAY-8] offers a bounded size at each price', async () => {
    const feed = await replay({ file: fileWith(rising(3)) });
    expect(feed.path.depth('BTCUSDT', T0)).toBe(dec('2500'));
  });
});
