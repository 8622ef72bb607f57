import { afterEach, expect, test, vi } from 'vitest';
import { waitUntil } from '../../server/testing/patience.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import type { BotLogLine } from '../../shared/domain/botNote.ts';
import { dec } from '../../shared/domain/decimal.ts';
import type { Push } from '../../shared/protocol/serverMessage.ts';
import type { ViewChange } from '../../shared/sdk/client.ts';
import { FixtureDesk } from '../e2e/fixtureDesk.ts';
import { BotLog, LOG_LINES } from './botLog.svelte.ts';
import { DeskStore } from './desk.svelte.ts';
import { appendPoint, EQUITY_POINTS, EquityCurve, type EquityPoint } from './equity.svelte.ts';
import { frameBatch } from './frameBatch.ts';
import { TOAST_LIMIT, ToastStore } from './toasts.svelte.ts';
import { ValuationStore } from './valuations.svelte.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('[UI-12] a burst is one run of the work', () => {
  vi.useFakeTimers();
  let runs = 0;
  const ask = frameBatch(() => {
    runs += 1;
  });
  for (let index = 0; index < 1_000; index += 1) ask();
  expect(runs).toBe(0);
  vi.runAllTimers();
  expect(runs).toBe(1);
  ask();
  vi.runAllTimers();
  expect(runs).toBe(2);
});

test('[UI-3, UI-12] the desk shows the folded view, sorted, after the batch', () => {
  vi.useFakeTimers();
  const desk = new FixtureDesk();
  const listeners = new Set<(change: ViewChange) => void>();
  const store = new DeskStore({
    view: desk.view,
    get position() {
      return desk.seq === 0 ? undefined : { epoch: desk.epoch, seq: desk.seq };
    },
    onView: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  desk.onFrame = (frame) => {
    for (const listener of listeners) listener({ frames: [frame] });
  };
  expect(store.joined).toBe(false);
  const accountId = desk.openAccount('Simulated');
  for (const severity of ['info', 'critical', 'warning'] as const) {
    const alert: Alert = {
      alertId: severity,
      severity,
      code: 'late_fill',
      figures: { symbol: 'BTCUSDT', bot: 'A' },
      accountId,
      botId: null,
      dismissible: true,
      raisedAt: 1,
    };
    desk.emit('AlertRaised', { alert });
  }
  vi.runAllTimers();
  expect(store.joined).toBe(true);
  expect(store.seq).toBe(desk.seq);
  expect(store.accounts.map((account) => account.accountId)).toEqual([accountId]);
  expect(store.alerts.map((alert) => alert.severity)).toEqual(['critical', 'warning', 'info']);
  expect(store.allSimulated).toBe(true);
});

test('[UI-17] an equity curve keeps a bounded number of points and replaces the newest while it is young', () => {
  const at = (ts: number): EquityPoint => ({ ts, equity: dec(String(ts)) });
  let points: EquityPoint[] = [];
  for (let ts = 0; ts < 20_000; ts += 1_000) points = appendPoint(points, at(ts));
  expect(points.map((point) => point.ts)).toEqual([0, 4_000, 8_000, 12_000, 16_000, 19_000]);
  for (let index = 0; index < 2 * EQUITY_POINTS; index += 1)
    points = appendPoint(points, at(20_000 + index * 10_000));
  expect(points).toHaveLength(EQUITY_POINTS);
});

test('[MET-20] a curve is in one time, that of the wall, though the market runs at another', async () => {
  const curve = new EquityCurve({
    request: (() =>
      Promise.resolve({
        items: [1_000, 0].map((ts) => ({ accountId: 'a', ts, marketTs: 60 * ts, equity: dec('1') })),
        nextCursor: null,
      })) as never,
  });
  curve.watch('a');
  await waitUntil(() => curve.loaded);
  const told: Push[] = [];
  const valuations = new ValuationStore({
    subscribe: (_channel, listener) => {
      vi.useFakeTimers();
      const valuation = {
        ...{ accountId: 'a', equity: dec('2'), unrealisedPnl: dec('0'), marginUsed: dec('0') },
        ...{ available: dec('2'), positions: [], ts: 60 * 9_000, wallTs: 9_000 },
      };
      const data = [valuation];
      told.push({ ch: 'pnl', kind: 'pnl', ts: 9_000, data });
      for (const push of told) listener(push);
      return () => {};
    },
  });
  vi.runAllTimers();
  curve.follow(valuations, 'a');
  expect(curve.points.map(({ ts }) => ts)).toEqual([0, 1_000, 9_000]);
});

test('[UI-17] a log keeps its newest lines', () => {
  vi.useFakeTimers();
  let push: (message: Push) => void = () => {};
  const log = new BotLog({
    subscribe: (_channel, listener) => {
      push = listener;
      return () => {};
    },
  });
  log.watch('b1');
  const line = (ts: number): BotLogLine => ({ ts, botId: 'b1', code: 'cooldown', figures: { left: ts } });
  push({ ch: 'log:b1', kind: 'history', ts: 0, data: [line(1), line(2)] });
  for (let ts = 3; ts <= LOG_LINES + 5; ts += 1) push({ ch: 'log:b1', kind: 'line', ts, data: line(ts) });
  vi.runAllTimers();
  expect(log.lines).toHaveLength(LOG_LINES);
  expect(log.lines?.[0]?.figures).toEqual({ left: LOG_LINES + 5 });
});

test('[UI-17] messages are few, repeat themselves only once, and leave', () => {
  vi.useFakeTimers();
  const toasts = new ToastStore();
  for (let index = 0; index < 9; index += 1) toasts.show('error', `problem ${index}`);
  toasts.show('error', 'problem 8');
  expect(toasts.list.map((toast) => toast.title)).toEqual(
    ['problem 5', 'problem 6', 'problem 7', 'problem 8'].slice(-TOAST_LIMIT),
  );
  vi.runAllTimers();
  expect(toasts.list).toEqual([]);
});
