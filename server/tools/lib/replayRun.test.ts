import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { frameData } from '../../../shared/protocol/frames.ts';
import { reduceView } from '../../../shared/view/reduceView.ts';
import { emptyView } from '../../../shared/view/view.ts';
import { MemoryStore } from '../../adapters/memory/store.ts';
import { PROFILE_NAMES } from '../../adapters/simulated/profiles.ts';
import { strategies } from '../../core/strategy/registry.ts';
import { decodeEvent } from '../../runtime/storedEvents.ts';
import { toWire } from '../../runtime/toWire.ts';
import { inLongForm } from '../../testing/longForm.ts';
import { RecordingLogger } from '../../testing/recordingLogger.ts';
import { type ReplayBot, replayRun } from './replayRun.ts';

const folder = mkdtempSync(join(tmpdir(), 'fillwire-replay-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MINUTES = inLongForm(900, 540);
const T0 = Date.UTC(2024, 0, 1);

/** A made-up day of candles: waves of several lengths and a little deterministic noise, so that every preset trades. */
function madeUpMarket(): string {
  let noise = 42;
  const jitter = (): number => {
    noise = (noise * 1_103_515_245 + 12_345) % 2_147_483_648;
    return noise / 2_147_483_648 - 0.5;
  };
  const price = (minute: number): number =>
    20_000 +
    150 * Math.sin(minute / 37) +
    60 * Math.sin(minute / 9) +
    400 * Math.sin(minute / 211) +
    25 * jitter();
  const rows = ['open_time,open,high,low,close,volume'];
  let open = price(0);
  for (let minute = 0; minute < MINUTES; minute++) {
    const close = price(minute + 1);
    const high = Math.max(open, close) + 12 * Math.abs(jitter());
    const low = Math.min(open, close) - 12 * Math.abs(jitter());
    const volume = 5 + Math.abs(close - open) * (minute % 7 === 0 ? 3 : 1);
    const time = new Date(T0 + minute * 60_000).toISOString().replace('T', ' ').replace('.000Z', '+00:00');
    rows.push(
      [time, ...[open, high, low, close].map((value) => value.toFixed(2)), volume.toFixed(4)].join(','),
    );
    open = close;
  }
  return `${rows.join('\n')}\n`;
}

const file = join(folder, 'BTCUSDT.csv');
writeFileSync(file, madeUpMarket());

const bots: ReplayBot[] = [...strategies.values()].flatMap((strategy) => {
  const preset = strategy.presets.find((one) => one.id === 'demo');
  return preset === undefined ? [] : [{ name: strategy.id, strategy: strategy.id, preset, leverage: 3 }];
});

test('[RUN-14] every stored event becomes exactly one frame that fits its schema, without what only the engine needs', async () => {
  const store = new MemoryStore('replay');
  await replayRun({ file, symbol: 'BTCUSDT', bots, profile: 'ideal', logger: new RecordingLogger(), store });
  const kinds = new Set<string>();
  for (const desk of store.desks.values()) {
    const view = emptyView();
    for (const [index, stored] of desk.events.entries()) {
      const frame = toWire(decodeEvent(stored), store.epoch, stored.ts);
      kinds.add(stored.kind);
      expect(frame.seq).toBe(index + 1);
      expect(Object.keys(frame).sort()).toEqual(['by', 'cause', 'ch', 'data', 'epoch', 'kind', 'seq', 'ts']);
      const fits = frameData[frame.kind].strict().safeParse(frame.data);
      expect(fits.success ? 'fits' : `${frame.kind}: ${fits.error.message}`).toBe('fits');
      reduceView(view, frame);
    }
  }
  for (const kind of ['FillRecorded', 'BalanceChanged', 'StopTriggered', 'Reconciled', 'EquityMarked']) {
    expect(kinds).toContain(kind);
  }
});

test.each(PROFILE_NAMES)(
  '[REPLAY-9] a replay in lock-step gives the same bytes each time, and books equal to the venue (%s)',
  async (profile) => {
    const options = { file, symbol: 'BTCUSDT', bots, profile, logger: new RecordingLogger() };
    const first = await replayRun(options);
    expect(first.differences).toEqual([]);
    expect(first.bots.map((bot) => bot.state)).toEqual(bots.map(() => 'running'));
    expect(first.bots.reduce((trades, bot) => trades + bot.trades, 0)).toBeGreaterThan(MINUTES / 60);
    const second = await replayRun(options);
    expect(second.digest).toBe(first.digest);
    expect(second).toEqual(first);
  },
);
