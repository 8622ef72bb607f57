import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { MemoryStore } from '../../adapters/memory/store.ts';
import type { DeskEvent } from '../../core/events.ts';
import { decodeEvent } from '../../runtime/storedEvents.ts';
import { RecordingLogger } from '../../testing/recordingLogger.ts';
import { type ReplayBot, replayRun } from './replayRun.ts';

const folder = mkdtempSync(join(tmpdir(), 'fillwire-replay-breakout-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const T0 = Date.UTC(2024, 0, 1);
/** Minutes: before it, of which the replay keeps the first 300 as history, each way, and between and after. */
const BEFORE = 360;
const TRAVEL = 240;
const REST = 60;
const FIRST = 20_000;

/** Small waves, then an even move by `share` of the price and, after a while there, all the way back. */
function breakout(share: number): string {
  const price = (minute: number): number => {
    const gone = Math.min(Math.max((minute - BEFORE) / TRAVEL, 0), 1);
    const back = Math.min(Math.max((minute - BEFORE - TRAVEL - REST) / TRAVEL, 0), 1);
    return FIRST * (1 + share * (gone - back)) + 12 * Math.sin(minute / 3) * (gone === back ? 1 : 0);
  };
  const rows = ['open_time,open,high,low,close,volume'];
  for (let minute = 0; minute < BEFORE + 2 * (TRAVEL + REST); minute++) {
    const [open, close] = [price(minute), price(minute + 1)];
    const prices = [open, Math.max(open, close) + 1, Math.min(open, close) - 1, close];
    const time = new Date(T0 + minute * 60_000).toISOString().replace('T', ' ').replace('.000Z', '+00:00');
    rows.push([time, ...prices.map((value) => value.toFixed(2)), '500'].join(','));
  }
  return `${rows.join('\n')}\n`;
}

/** Targets at 3, 6 and 8 %, of which the venue's price band lets the first rest at once. */
const bot = (sides: 'long' | 'short'): ReplayBot => ({
  name: sides,
  strategy: 'aggressive',
  preset: { id: 'test', name: 'test', interval: '1m', params: { adxMin: 0, volumeFactor: 0, sides } },
  leverage: 3,
});

test.each([
  ['long', 0.11],
  ['short', -0.11],
] as const)(
  '[FOUND-6] [REPLAY-9] a %s position takes all of its targets in a breakout beyond the price band and back',
  async (sides, share) => {
    const file = join(folder, `${sides}.csv`);
    writeFileSync(file, breakout(share));
    const store = new MemoryStore('replay');
    const result = await replayRun({
      ...{ file, symbol: 'BTCUSDT', bots: [bot(sides)], profile: 'ideal', store },
      logger: new RecordingLogger(),
    });
    const events = (store.desks.get(sides)?.events ?? []).map((stored) => decodeEvent(stored) as DeskEvent);
    const took = new Map<string, string>();
    const exits: string[] = [];
    let hasWaited = false;
    for (const { kind, data } of events) {
      if ('order' in data && data.order.purpose === 'take_profit' && data.order.status === 'filled')
        took.set(data.order.slot, String(data.order.price));
      if (kind === 'PositionChanged' && data.trade !== null) exits.push(data.trade.exit);
      if ('position' in data && data.position.protection.waits.length > 0) hasWaited = true;
      expect(kind).not.toBe('OrderRejected');
    }
    expect(hasWaited).toBe(true);
    expect([...took.keys()]).toHaveLength(3);
    expect(exits).toEqual(['take_profit']);
    expect(result.differences).toEqual([]);
    const [{ wins, trades } = { wins: 0, trades: 0 }] = result.bots;
    expect({ wins, trades }).toEqual({ wins: 1, trades: 1 });
  },
);
