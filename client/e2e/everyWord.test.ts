import { describe, expect, test } from 'vitest';
import { requireOrSkip } from '../../server/testing/requireOrSkip.ts';
import { sampleError } from '../../server/testing/sampleError.ts';
import { latchReasonSchema } from '../../shared/domain/accountStatus.ts';
import { ALERT_CODES, type Alert } from '../../shared/domain/alert.ts';
import { BOT_NOTES } from '../../shared/domain/botNote.ts';
import { dec } from '../../shared/domain/decimal.ts';
import { ERROR_CODES, type ErrorCode } from '../../shared/protocol/errors.ts';
import { denialSamples, samplesOf } from '../../shared/words/samples.ts';
import { DESKTOP, type Screen } from './browser.ts';
import { DashboardWorld } from './dashboardWorld.ts';
import { latinWords } from './latinWords.ts';

/** Refusals that end the session, or that the SDK asks again after before anybody hears of them. */
const UNTOLD: ReadonlySet<ErrorCode> = new Set([
  ...(['unauthenticated', 'unavailable', 'exchange_unavailable'] as const),
  ...(['rate_limited', 'unknown_outcome'] as const),
]);
const KOREAN: Screen = { ...DESKTOP, locale: 'ko-KR' };

describe.skipIf(requireOrSkip('chromium'))('whatever the server tells, in a browser', () => {
  const world = DashboardWorld.forEachTest();

  test('[MET-34] is Korean on a Korean screen: every alert, note, log line, reason, denial and refusal', async () => {
    const page = await world.enterWithBot(KOREAN);
    const { server } = world;
    const { desk } = server;
    const words: string[] = [];
    const account = () => {
      const known = desk.view.accounts.acc1;
      if (known === undefined) throw new Error('no account');
      return known;
    };
    desk.emit('AccountChanged', { account: { ...account(), name: '연습' } });
    const go = (hash: string) => page.locator(`nav a[href="#/${hash}"]`).click();
    const look = async (stage: string) => void words.push(...(await latinWords(page, stage)));

    // Alerts: all of them in the list of the activity page.
    const about = { severity: 'warning', accountId: 'acc1', botId: null, dismissible: true } as const;
    for (const told of samplesOf('alert')) {
      const alert: Alert = { ...about, ...told, alertId: told.code, raisedAt: Date.now() };
      desk.emit('AlertRaised', { alert });
    }
    await go('activity');
    const rows = page.locator('section[aria-labelledby=alerts-title] li');
    await expect.poll(() => rows.count()).toBe(ALERT_CODES.length);
    await look('alerts');
    for (const alertId of ALERT_CODES) desk.emit('AlertResolved', { alertId });

    // Notes and log lines.
    await go('bots');
    await page.locator('[data-bot] .name a').first().click();
    await page.locator('[data-chart=ready]').waitFor();
    for (const note of samplesOf('note')) server.log('bot1', note);
    const lines = page.locator('[aria-labelledby=log-title] li');
    await expect.poll(() => lines.count()).toBe(Object.keys(BOT_NOTES).length);
    await look('log');

    // Why a bot, and an account, are as they are.
    await go('bots');
    const why = page.locator('[data-bot] [data-why]');
    for (const reason of samplesOf('botReason')) {
      const before = await why.textContent();
      desk.setState('bot1', reason.code === 'emergency' ? 'halted' : 'error', reason);
      await expect.poll(() => why.textContent()).not.toBe(before);
      await look(`reason ${reason.code}`);
    }
    for (const statusReason of samplesOf('cause')) {
      desk.emit('AccountChanged', { account: { ...account(), status: 'unreachable', statusReason } });
      await page.locator('.strip', { hasText: '거래소가 응답하지 않습니다' }).waitFor();
      await look(`cause ${statusReason.code}`);
    }
    desk.emit('AccountChanged', { account: { ...account(), status: 'ready', statusReason: null } });
    for (const reason of latchReasonSchema.options) {
      desk.emit('AccountChanged', { account: { ...account(), latch: { reason, since: Date.now() } } });
      await page.locator('[data-action=release]').waitFor();
      await look(`latch ${reason}`);
    }
    desk.emit('AccountChanged', { account: { ...account(), latch: null } });
    for (const found of samplesOf('foreign')) {
      desk.emit('ForeignActivity', { account: { ...account(), foreign: { found, since: Date.now() } } });
      await page.locator('[data-action=foreign-adopt]').waitFor();
      await look(`foreign ${found.code}`);
    }
    desk.emit('AccountChanged', { account: { ...account(), foreign: null } });

    // What denies an order, all at once.
    await go('trade');
    server.denials = denialSamples();
    await page.locator('input[id$="-size"]').fill('0.2');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.refusal p').count()).toBe(denialSamples().length);
    await look('denials');

    // Refusals of every code, as messages.
    await go('bots');
    desk.setState('bot1', 'running');
    const pause = page.locator('[data-bot] [data-action=pause]');
    for (const code of ERROR_CODES.filter((one) => !UNTOLD.has(one))) {
      server.refusals.set('bots.pause', sampleError(code, 'An English sentence of the server.'));
      await pause.click();
      const toast = page.locator('.toast').last();
      await toast.waitFor();
      await look(`refusal ${code}`);
      await page.evaluate(() => {
        for (const button of document.querySelectorAll<HTMLElement>('.toast .btn')) button.click();
      });
      await page.locator('.toast').waitFor({ state: 'detached' });
    }
    expect(words).toEqual([]);
  });

  test('[MET-34] one alert is told in the language of whoever reads it, from one code', async () => {
    const page = await world.enter(DESKTOP);
    const { desk } = world.server;
    const accountId = desk.openAccount('연습');
    const alert: Alert = {
      ...{ alertId: 'a', severity: 'critical', accountId, botId: null, dismissible: false },
      ...{ code: 'position_liquidated', raisedAt: Date.now() },
      figures: {
        ...{ symbol: 'BTCUSDT', direction: 'long', size: dec('0.5'), price: dec('64250.5') },
        ...{ realised: dec('-1234.5'), fee: dec('12'), left: dec('0') },
      },
    };
    desk.emit('AlertRaised', { alert });
    const strip = page.locator('.strip');
    await strip
      .getByText('The venue liquidated 0.5 of your long position in BTCUSDT at 64,250.5', { exact: false })
      .waitFor();
    await page.locator('nav a[href="#/settings"]').click();
    await page.getByRole('button', { name: '한국어' }).click();
    await strip
      .getByText('거래소가 BTCUSDT 롱 포지션 0.5을(를) 64,250.5에 강제 청산했습니다', { exact: false })
      .waitFor();
  });
});
