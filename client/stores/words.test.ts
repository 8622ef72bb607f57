import { afterEach, expect, test } from 'vitest';
import { type Bot, botStateSchema } from '../../shared/domain/bot.ts';
import type { Device } from '../../shared/protocol/device.ts';
import { wireError } from '../../shared/protocol/errors.ts';
import { ops } from '../../shared/protocol/ops.ts';
import { FillwireError } from '../../shared/sdk/fillwireError.ts';
import { describeDevice } from '../connection/device.ts';
import { FixtureDesk } from '../e2e/fixtureDesk.ts';
import { botWords } from './botWords.ts';
import { errorText } from './errorText.ts';
import { actionsFor } from './lifecycle.ts';
import { preferences } from './preferences.svelte.ts';
import { parseRoute, routeHash } from './router.svelte.ts';
import { deviceName, whoStopped } from './whoWords.ts';

afterEach(() => preferences.setLocale('en'));

const botOf = (change: Partial<Bot>): Bot => {
  const desk = new FixtureDesk();
  const accountId = desk.openAccount('Simulated');
  const config = {
    name: 'A',
    accountId,
    symbol: 'BTCUSDT',
    interval: '1m',
    strategy: 'momentum',
    params: {},
  };
  const botId = desk.createBot(ops['bots.create'].args.parse({ ...config, allocationPct: '25' }));
  return { ...desk.bot(botId), ...change };
};
const deviceOf = (deviceId: string, name: string): Device => ({
  ...{ deviceId, name, kind: 'phone', connected: true, sockets: 1, ackedSeq: 1, lagMs: 1, stale: false },
  ...{ lastSeenAt: 1, createdAt: 1 },
});
const denied = new FillwireError(
  wireError('denied', 'Needs 120 USDT, available are 90', { limit: 'balance', actual: '120', allowed: '90' }),
);

test('[UI-7] a denial names the limit with both figures, in either language', () => {
  expect(errorText(denied)).toEqual({
    title: 'Needs 120 USDT, available are 90',
    detail: 'Balance: 120, allowed 90',
  });
  preferences.setLocale('ko');
  expect(errorText(denied)).toEqual({
    title: '거부되었습니다.',
    detail: 'Needs 120 USDT, available are 90 · 잔고: 120, 허용 90',
  });
});

test('[UI-7] the loser of a race is told who was first', () => {
  const changedBy = { deviceId: 'd2', action: 'stop', at: 1 };
  const conflict = new FillwireError(wireError('version_conflict', 'version is 4', { changedBy }));
  expect(errorText(conflict, 'd1').detail).toContain('Changed first: stop by another device.');
  expect(errorText(conflict, 'd2').detail).toContain('by this device');
  preferences.setLocale('ko');
  expect(errorText(conflict, 'd1').detail).toContain('먼저 한 변경: 정지 (다른 기기).');
});

test('[UI-7] whatever else is thrown is told without a crash', () => {
  expect(errorText(new TypeError('x is undefined'))).toEqual({
    title: 'Something went wrong at the server.',
    detail: 'x is undefined',
  });
  expect(errorText('odd').detail).toBeNull();
});

test('[UI-5] no state but stopped and its like offers a start, and stopping offers nothing', () => {
  expect(actionsFor('stopping')).toEqual([]);
  expect(actionsFor('running')).toEqual(['pause', 'stop']);
  expect(actionsFor('stopped')).toContain('start');
});

test('addresses lead back to their pages; unknown ones to the overview', () => {
  expect(parseRoute(routeHash('bots', 'a/b'))).toEqual({ page: 'bots', id: 'a/b' });
  expect(parseRoute('#/nowhere')).toEqual({ page: 'overview', id: null });
  expect(parseRoute('#/bots/%E0%A4%A')).toEqual({ page: 'bots', id: null });
});

test('a device is named so that its owner knows it', () => {
  const iphone =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1';
  expect(describeDevice(iphone)).toEqual({ name: 'Safari on iPhone', kind: 'phone' });
  expect(describeDevice('curl/8').kind).toBe('other');
});

test('[MET-21] the reason of a state comes before what was said earlier, in every state', () => {
  const bot = botOf({ reason: 'emergency stop', note: { code: 'holds', text: 'holds', ts: 1 } });
  for (const state of botStateSchema.options)
    expect(botWords({ ...bot, state }, undefined).first, state).toContain('emergency stop');
  preferences.setLocale('ko');
  expect(botWords({ ...bot, state: 'paused' }, undefined).first).toBe('긴급 정지');
});

test('[MET-22] the newest of note and log line is told', () => {
  const bot = botOf({ state: 'running', note: { code: 'waits', text: 'RSI 61', ts: 5 } });
  expect(botWords(bot, undefined).first).toBe('RSI 61');
  expect(botWords(bot, { ts: 6, text: 'RSI 58' }).first).toBe('RSI 58');
  expect(botWords(bot, { ts: 4, text: 'RSI 70' }).first).toBe('RSI 61');
});

test('[UI-25] a device is called by its name; who is gone or here is told too', () => {
  const devices = { ownId: 'd1', list: [deviceOf('d1', 'Mac'), deviceOf('d2', 'Phone')] };
  expect(deviceName('d2', devices)).toBe('Phone');
  expect(deviceName('d1', devices)).toBe('this device');
  expect(deviceName('d9', devices)).toBe('another device');
  expect(deviceName(null, devices)).toBeNull();
  expect(whoStopped({ by: 'admin', deviceId: null }, devices)).toBe('An administrator');
  expect(whoStopped({ by: 'user', deviceId: 'd2' }, devices)).toBe('Phone');
  expect(whoStopped({ by: 'user' }, devices)).toBeNull();
});
