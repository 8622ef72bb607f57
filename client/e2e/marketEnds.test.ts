import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { requireOrSkip } from '../../server/testing/requireOrSkip.ts';
import { DESKTOP, launchChromium, openDevice, PHONE, type Screen } from './browser.ts';
import { builtDashboard } from './builtDashboard.ts';
import { INSTRUMENTS } from './fixtureData.ts';
import { FixtureServer } from './fixtureServer.ts';
import { layoutProblems } from './layout.ts';

/** Set to a folder to keep pictures of every stage, for people to look at. */
const SHOTS = process.env.FILLWIRE_SHOTS;
const withEnded = (symbol: string) =>
  INSTRUMENTS.map((one) => (one.symbol === symbol ? { ...one, status: 'ended' as const } : one));

describe.skipIf(requireOrSkip('chromium'))('a market that ends or stands still, in a browser', () => {
  let folder: string;
  let browser: Browser;
  let server: FixtureServer;

  beforeAll(async () => {
    folder = await builtDashboard();
    browser = await launchChromium();
    if (SHOTS !== undefined) mkdirSync(SHOTS, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    server = await FixtureServer.start(folder);
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await server.close();
  });

  async function shot(page: Page, name: string): Promise<void> {
    expect(await layoutProblems(page), name).toEqual([]);
    if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  }

  const screens: [string, Screen][] = [
    ['desktop', DESKTOP],
    ['desktop-dark-ko', { ...DESKTOP, colorScheme: 'dark', locale: 'ko-KR' }],
    ['phone', PHONE],
    ['phone-en', { ...PHONE, colorScheme: 'light', locale: 'en-GB' }],
  ];
  test.each(screens)(
    '[UI-24] [FOUND-29] on a %s: it is told at once where it matters, with what that means for entries and starts, and ends with its cause',
    async (name, screen) => {
      const { page, problems } = await openDevice(browser, server.url, screen);
      await page.locator('#email').fill('someone@example.com');
      await page.locator('#password').fill('a long enough password');
      await page.locator('button[type=submit]').click();
      await page.locator('[data-action=demo]').first().click();
      await page.locator('[data-bot][data-state=starting]').first().waitFor();
      server.desk.setState('bot1', 'running');
      server.desk.enter('bot1', '0.039');
      const notice = (kind: string) => page.locator(`[data-market=${kind}]`);
      const note = (kind: string) => page.locator(`[data-market-note=${kind}]`);

      // Of a market that nobody here has to do with nothing is said.
      server.setMarkets({ instruments: withEnded('DOGEUSDT'), standstills: [] });
      server.setMarkets({
        instruments: INSTRUMENTS,
        standstills: [{ symbol: 'BTCUSDT', since: Date.now() }],
      });
      await notice('still').getByText('BTCUSDT').waitFor();
      expect(await notice('ended').count()).toBe(0);
      await shot(page, `${name}-20-still`);
      await page.locator('nav a[href="#/trade"]').click();
      await note('still').waitFor();
      await shot(page, `${name}-21-ticket-still`);

      server.setMarkets({ instruments: withEnded('BTCUSDT'), standstills: [] });
      await notice('still').waitFor({ state: 'detached' });
      await notice('ended').getByText('BTCUSDT').waitFor();
      await note('ended').waitFor();
      await shot(page, `${name}-22-ticket-ended`);
      await page.locator('form input[type=checkbox]').check();
      await note('ended').waitFor({ state: 'detached' });

      server.desk.setState('bot1', 'halted', { code: 'market_ended', figures: { symbol: 'BTCUSDT' } });
      server.desk.emit('AlertRaised', {
        alert: {
          ...{ alertId: 'ended:bot1', severity: 'warning', code: 'market_ended', accountId: 'acc1' },
          ...{ botId: 'bot1', dismissible: true, raisedAt: Date.now() },
          figures: { symbol: 'BTCUSDT', bot: 'A' },
        },
      });
      await page.locator('nav a[href="#/bots"]').click();
      const start = page.locator('[data-bot] [data-action=start]');
      await start.waitFor();
      expect(await start.isDisabled()).toBe(true);
      await note('ended').waitFor();
      if (screen.locale === 'ko-KR') expect(await page.getByText('has ended').count()).toBe(0);
      await shot(page, `${name}-23-bot-ended`);

      server.setMarkets({ instruments: INSTRUMENTS, standstills: [] });
      await notice('ended').waitFor({ state: 'detached' });
      await expect.poll(() => start.isDisabled()).toBe(false);
      expect(problems, 'errors in the page, its content policy included').toEqual([]);
    },
  );
});
