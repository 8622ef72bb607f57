import { afterEach, beforeAll, expect, test } from 'vitest';
import { sampleError } from '../../server/testing/sampleError.ts';
import type { Bot } from '../../shared/domain/bot.ts';
import { botStateSchema } from '../../shared/domain/botState.ts';
import { dec } from '../../shared/domain/decimal.ts';
import type { ErrorDetails } from '../../shared/domain/errorDetails.ts';
import type { Device } from '../../shared/protocol/device.ts';
import { ERROR_CODES, type ErrorCode, wireError } from '../../shared/protocol/errors.ts';
import { ops } from '../../shared/protocol/ops.ts';
import { FillwireError } from '../../shared/sdk/fillwireError.ts';
import { deniedError } from '../../shared/words/deniedError.ts';
import { describeDevice } from '../connection/device.ts';
import { holdsAt } from '../e2e/fixtureData.ts';
import { FixtureDesk } from '../e2e/fixtureDesk.ts';
import { loadLanguage } from '../i18n/language.ts';
import { botWords } from './botWords.ts';
import { errorText } from './errorText.ts';
import { actionsFor } from './lifecycle.ts';
import { preferences } from './preferences.svelte.ts';
import { parseRoute, routeHash } from './router.svelte.ts';
import { deviceName, whoStopped } from './whoWords.ts';

beforeAll(async () => void (await Promise.all([loadLanguage('en'), loadLanguage('ko')])));
afterEach(() => preferences.useLocale('en'));

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
  deniedError([
    { limit: 'balance', figures: { actual: dec('120'), allowed: dec('90'), coin: 'USDT' } },
    { limit: 'leverage', figures: { actual: 20, allowed: 5 } },
  ]),
);

test('[UI-7] a denial names each limit with both figures, in either language', () => {
  expect(errorText(denied)).toEqual({
    title: 'Needs 120 USDT of margin and fee, 90 is available',
    detail: 'Leverage 20× is above 5×',
  });
  preferences.useLocale('ko');
  expect(errorText(denied)).toEqual({
    title: '증거금과 수수료로 120 USDT이(가) 필요하지만 90만 사용할 수 있습니다',
    detail: '레버리지 20배가 최대 5배보다 큽니다',
  });
});

const ID = '8f14e45fceea167a5a36dedd4bea2543';
const refused = <C extends ErrorCode>(code: C, text: string, details: ErrorDetails<C>) =>
  errorText(new FillwireError(wireError(code, text, details)), 'd1');

test('[MET-29] what was computed to the last digit is told with the digits people read', () => {
  const breach = {
    code: 'daily_loss',
    figures: { scope: 'account', actual: dec('-443.39890684'), allowed: dec('-400') },
  } as const;
  const error = deniedError([{ limit: 'limit_breached', figures: { breach, end: 'midnight' } }]);
  expect(errorText(new FillwireError(error)).title).toContain('\u2212443.40, allowed \u2212400');
});

test('[MET-34] in another language than English no sentence of the server is shown', () => {
  const odd = (): string[] =>
    ERROR_CODES.flatMap((code) => {
      const { title, detail } = errorText(new FillwireError(sampleError(code, 'an English sentence')));
      return `${title} ${detail ?? ''}`.includes('English') ? [code] : [];
    });
  expect(odd()).not.toEqual([]);
  preferences.useLocale('ko');
  expect(odd()).toEqual([]);
});

test('[MET-34] what was typed and will not do is named in Korean too', () => {
  const told = (path: string, character?: string) =>
    refused('bad_request', 'an English sentence', {
      issues: [{ path, problem: 'an English sentence', allowed: [], ...(character && { character }) }],
    }).title;
  preferences.useLocale('ko');
  expect(told('args.name', 'U+202E')).toContain('U+202E 문자를 쓸 수 없습니다');
  expect(told('args.name')).toContain('이름입니다');
  expect(told('email')).toContain('이메일');
  expect(told('password')).toContain('비밀번호');
  expect(told('args.symbol')).toBe('서버가 요청을 이해하지 못했습니다.');
});

test('[MET-29] ids and epoch milliseconds are not for people, whatever sentence they come in', () => {
  const changedBy = { deviceId: ID, action: 'pause', at: 1_795_800_120_000 };
  const who = `pause by ${ID} at 1795800120000`;
  expect(
    refused('version_conflict', `the bot is at version 3, not 2: ${who} came first`, {
      ...{ expected: 2, actual: 3 },
      changedBy,
    }),
  ).toEqual({
    title: 'Someone changed it first. Look again, then decide.',
    detail: 'Changed first: pause by another device.',
  });
  expect(
    refused('bad_request', `it must be stopped; it is paused since ${who}`, {
      issues: [],
      bot: { state: 'paused', version: 3, changedBy },
    }),
  ).toEqual({
    title: 'Not possible as it is now.',
    detail: 'It is “Paused” since: pause by another device.',
  });
  expect(refused('not_found', `there is no order ${ID}`, { what: 'order', id: ID })).toEqual({
    title: 'This does not exist any more.',
    detail: null,
  });
});

test('[UI-7] the loser of a race is told who was first', () => {
  const changedBy = { deviceId: 'd2', action: 'stop', at: 1 };
  const conflict = new FillwireError(
    wireError('version_conflict', 'version is 4', { expected: 3, actual: 4, changedBy }),
  );
  expect(errorText(conflict, 'd1').detail).toContain('Changed first: stop by another device.');
  expect(errorText(conflict, 'd2').detail).toContain('by this device');
  preferences.useLocale('ko');
  expect(errorText(conflict, 'd1').detail).toContain('먼저 한 변경: 정지 (다른 기기).');
});

test('[UI-7] whatever else is thrown is told without a crash', () => {
  expect(errorText(new TypeError('x is undefined'))).toEqual({
    title: 'Something went wrong at the server.',
    detail: 'x is undefined',
  });
  expect(errorText('odd').detail).toBeNull();
  preferences.useLocale('ko');
  expect(errorText(new TypeError('x is undefined')).detail).toBeNull();
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
  const bot = botOf({ reason: { code: 'emergency', figures: {} }, note: { ...holdsAt('1'), ts: 1 } });
  for (const state of botStateSchema.options)
    expect(botWords({ ...bot, state }, undefined).first, state).toContain('Emergency stop');
  preferences.useLocale('ko');
  expect(botWords({ ...bot, state: 'paused' }, undefined).first).toBe('긴급 정지');
});

test('[MET-22] the newest of note and log line is told', () => {
  const bot = botOf({ state: 'running', note: { ...holdsAt('61'), ts: 5 } });
  const line = (ts: number, now: string) => ({ ...holdsAt(now), ts, botId: bot.botId });
  expect(botWords(bot, undefined).first).toContain('now 61');
  expect(botWords(bot, line(6, '58')).first).toContain('now 58');
  expect(botWords(bot, line(4, '70')).first).toContain('now 61');
});

test('[UI-25] a device is called by its name; who is gone or here is told too', () => {
  const devices = { ownId: 'd1', list: [deviceOf('d1', 'Mac'), deviceOf('d2', 'Phone')] };
  expect(deviceName('d2', devices)).toBe('Phone');
  expect(deviceName('d1', devices)).toBe('this device');
  expect(deviceName('d9', devices)).toBe('another device');
  expect(deviceName(null, devices)).toBeNull();
  expect(whoStopped({ by: 'admin', deviceId: null }, devices)).toBe('An administrator');
  expect(whoStopped({ by: 'user', deviceId: 'd2' }, devices)).toBe('Phone');
  expect(whoStopped({ by: 'user', deviceId: null }, devices)).toBeNull();
});
