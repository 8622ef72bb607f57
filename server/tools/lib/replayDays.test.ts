import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Limits } from '../../../shared/domain/account.ts';
import { dec } from '../../../shared/domain/decimal.ts';
import { reduceView } from '../../../shared/view/reduceView.ts';
import { emptyView } from '../../../shared/view/view.ts';
import { MemoryStore } from '../../adapters/memory/store.ts';
import { strategies } from '../../core/strategy/registry.ts';
import { decodeEvent } from '../../runtime/storedEvents.ts';
import { toWire } from '../../runtime/toWire.ts';
import { RecordingLogger } from '../../testing/recordingLogger.ts';
import { type ReplayBot, replayRun } from './replayRun.ts';

const folder = mkdtempSync(join(tmpdir(), 'fillwire-replay-days-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MINUTE = 60_000;
const HOUR = 3_600_000;
/** Berlin sets its clocks back in the night to 26 October 2025: this midnight begins a day of 25 hours. */
const MIDNIGHT = Date.UTC(2025, 9, 25, 22);
/** Of UTC, when Berlin's time comes into force; the midnight of Berlin 22 hours later would make a short day. */
const IN_FORCE = Date.UTC(2025, 9, 24);

/** Waves that a bot trades until the long day has 5 hours left, then not a move. */
function waves(): string {
  // Five hours of it are history.
  const from = IN_FORCE - 6 * HOUR;
  const rows = ['open_time,open,high,low,close,volume'];
  const price = (ts: number): number => {
    const minute = (Math.min(ts, MIDNIGHT + 20 * HOUR) - from) / MINUTE;
    return 20_000 + 150 * Math.sin(minute / 37) + 60 * Math.sin(minute / 9) + 400 * Math.sin(minute / 211);
  };
  for (let ts = from; ts < MIDNIGHT + 25.5 * HOUR; ts += MINUTE) {
    const [open, close] = [price(ts), price(ts + MINUTE)];
    const time = new Date(ts).toISOString().replace('T', ' ').replace('.000Z', '+00:00');
    const row = [open, Math.max(open, close) + 3, Math.min(open, close) - 3, close].map((one) =>
      one.toFixed(2),
    );
    rows.push([time, ...row, (5 + Math.abs(close - open)).toFixed(4)].join(','));
  }
  return `${rows.join('\n')}\n`;
}

test('[FOUND-28] [RISK-17] [RISK-27] a recording of a day of 25 hours: its day begins and ends at local midnight, and the view says so', async () => {
  const file = join(folder, 'BTCUSDT.csv');
  writeFileSync(file, waves());
  const strategy = strategies.get('momentum');
  const preset = strategy?.presets.find((one) => one.id === 'demo');
  if (preset === undefined) throw new Error('no such preset');
  const bots: ReplayBot[] = [{ name: 'day', strategy: 'momentum', preset, leverage: 3 }];
  const store = new MemoryStore('replay');
  const limits = { values: { dailyLoss: dec('5000') }, timeZone: 'Europe/Berlin' };
  const options = { file, symbol: 'BTCUSDT', bots, profile: 'ideal', logger: new RecordingLogger() } as const;
  const { differences, fills } = await replayRun({ ...options, store, limits });
  expect(differences).toEqual([]);
  expect(fills).toBeGreaterThan(20);

  const view = emptyView();
  const days: NonNullable<Limits['dayStart']>[] = [];
  for (const stored of store.desks.get('day')?.events ?? []) {
    reduceView(view, toWire(decodeEvent(stored), store.epoch, stored.ts));
    const [dayStart] = Object.values(view.limits).flatMap((one) => one.dayStart ?? []);
    if (dayStart !== undefined && days.at(-1)?.ts !== dayStart.ts) days.push(dayStart);
  }
  expect(days.map(({ ts }) => ts).slice(1)).toEqual([IN_FORCE, MIDNIGHT, MIDNIGHT + 25 * HOUR]);
  expect(Object.values(view.limits)).toMatchObject([{ timeZone: 'Europe/Berlin', dayStart: days.at(-1) }]);
});
