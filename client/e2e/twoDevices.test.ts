import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireOrSkip } from '../../server/testing/requireOrSkip.ts';
import { DESKTOP, launchChromium, openDevice, PHONE } from './browser.ts';
import { hold } from './dashboardWorld.ts';
import { RealServer } from './realServer.ts';

const SHOTS = process.env.FILLWIRE_SHOTS;
const PASSWORD = 'correct horse battery staple';

describe.skipIf(requireOrSkip('chromium'))('one person, two devices, the real server', () => {
  let server: RealServer;
  let browser: Browser;
  let desktop: Page;
  let phone: Page;
  const problems: string[][] = [];

  beforeAll(async () => {
    server = await RealServer.start();
    browser = await launchChromium();
    const devices = [
      await openDevice(browser, server.url, DESKTOP),
      await openDevice(browser, server.url, { ...PHONE, locale: 'en-GB' }),
    ];
    problems.push(...devices.map((device) => device.problems));
    const [first, second] = devices.map((device) => device.page);
    if (first === undefined || second === undefined) throw new Error('no pages');
    [desktop, phone] = [first, second];
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function enter(page: Page): Promise<void> {
    await page.locator('#email').fill('trader@example.com');
    await page.locator('#password').fill(PASSWORD);
    await page.locator('button[type=submit]').click();
    await page.locator('[data-connection=live]').waitFor();
  }

  async function shot(page: Page, name: string): Promise<void> {
    if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `real-${name}.png`), fullPage: true });
  }

  test('[UI-1, UI-3] one click on the desktop: both see the bot run and make its first trade', async () => {
    await enter(desktop);
    await desktop.locator('[data-action=demo]:enabled').first().click();
    await desktop.locator('[data-bot][data-state=running]').waitFor();
    await phone.getByRole('button', { name: 'Have an account? Log in' }).click();
    await enter(phone);
    await phone.locator('[data-bot][data-state=running]').waitFor();
    await Promise.all([desktop, phone].map((page) => page.locator('[data-fill]').first().waitFor()));
    await shot(desktop, 'desktop-running');
    await shot(phone, 'phone-running');
  });

  test('[UI-5] stopped on the phone: the desktop sees it stopped, and flat', async () => {
    await phone.locator('[data-bot] [data-action=stop]').click();
    await phone.locator('[data-action=stop-close]').click();
    await desktop.locator('[data-bot][data-state=stopped]').waitFor();
    expect(await desktop.locator('[data-position]').count()).toBe(0);
    await phone.locator('[data-bot][data-state=stopped]').waitFor();
  });

  test('[UI-6] emergency stop on the phone: nothing is left open, with a receipt, on both', async () => {
    await desktop.locator('[data-bot] [data-action=start]').click();
    await desktop.locator('[data-position]').first().waitFor();
    await phone.locator('.emergency').click();
    await hold(
      phone,
      phone.locator('[data-action=emergency-confirm]'),
      phone.locator('dialog [data-emergency]'),
    );
    await phone.locator('dialog [data-emergency=done]').waitFor();
    await phone.getByText('The venue confirmed: nothing is open.').waitFor();
    await shot(phone, 'phone-receipt');
    await desktop.locator('[data-position]').waitFor({ state: 'detached' });
    await desktop.getByRole('button', { name: 'Show receipt' }).click();
    await desktop.locator('dialog [data-emergency=done]').waitFor();
    await desktop.keyboard.press('Escape');
    await phone.keyboard.press('Escape');
    await phone.locator('[data-action=release]').click();
    await phone.locator('[data-action=release-confirm]').click();
    await desktop.locator('[data-action=release]').waitFor({ state: 'detached' });
  });

  test('[UI-14] neither page complained, under the policy of the real server', () => {
    expect(problems).toEqual([[], []]);
  });
});
