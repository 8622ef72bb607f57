import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireOrSkip } from '../../server/testing/requireOrSkip.ts';
import { DESKTOP, launchChromium, openDevice, PHONE } from './browser.ts';
import { DashboardWorld } from './dashboardWorld.ts';
import { RealServer } from './realServer.ts';

const TURNED = 'Grid\u202e BTC';
/** Nothing of it is drawn. */
const UNSEEN = '\u200d';

/** Why, and what is allowed, without the names that programs use. */
const TOLD = {
  en: { turned: /^(?!.*args).*U\+202E.*emoji/, unseen: /^(?!.*args).*emoji/ },
  ko: { turned: /^[^A-Za-z]*U\+202E[^A-Za-z]*이모지[^A-Za-z]*$/, unseen: /^[^A-Za-z]*이모지[^A-Za-z]*$/ },
} as const;

describe.skipIf(requireOrSkip('chromium'))('names of bots, in a browser, the real server', () => {
  let server: RealServer;
  let browser: Browser;
  let other: Page;
  beforeAll(async () => {
    server = await RealServer.start();
    browser = await launchChromium();
    const { page } = await openDevice(browser, server.url, DESKTOP);
    other = page;
    await enter(other);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function enter(page: Page): Promise<void> {
    await page.locator('#email').fill('trader@example.com');
    await page.locator('#password').fill('correct horse battery staple');
    await page.locator('button[type=submit]').click();
    await page.locator('[data-connection=live]').waitFor();
  }

  const nameField = (page: Page) => page.locator('dialog input[id$="-name"]');
  const send = (page: Page) => page.locator('dialog button[type=submit]').click();

  /** The form of an open dialog refuses both names and stays, and takes the third. */
  async function refusesThenTakes(page: Page, language: keyof typeof TOLD, good: string): Promise<void> {
    const refusal = page.locator('dialog .refusal[role=alert]');
    for (const [name, told] of [
      [TURNED, TOLD[language].turned],
      [UNSEEN, TOLD[language].unseen],
    ] as const) {
      await nameField(page).fill(name);
      await refusal.waitFor({ state: 'detached' });
      await send(page);
      await refusal.waitFor();
      expect(await refusal.innerText()).toMatch(told);
      expect(await nameField(page).inputValue()).toBe(name);
    }
    await nameField(page).fill(good);
    await send(page);
    await page.locator('dialog').waitFor({ state: 'detached' });
  }

  /** What the other device shows of bots, once it shows `newest`. */
  async function botsBeside(newest: string): Promise<string[]> {
    await other.locator('nav a[href="#/bots"]').click();
    await other.locator('[data-bot] .name', { hasText: newest }).waitFor();
    return (await other.locator('[data-bot] .name').allInnerTexts()).sort();
  }

  test.each([
    ['en', { ...PHONE, locale: 'en-GB' }],
    ['ko', PHONE],
  ] as const)(
    '[NAME-1] a refused name is told with why and what is allowed, creates, copies and renames nothing (%s)',
    async (language, screen) => {
      const { page, problems } = await openDevice(browser, server.url, screen);
      await page.locator('form > .quiet').click();
      await enter(page);
      await page.locator('nav a[href="#/bots"]').click();
      const before = await other.locator('[data-bot] .name').allInnerTexts();

      await page.locator('[data-action=new-bot]').first().click();
      await page.locator('dialog .start input').uncheck();
      await refusesThenTakes(page, language, `New ${language}`);
      expect(await botsBeside(`New ${language}`)).toEqual([...before, `New ${language}`].sort());

      await page.locator('[data-action=edit]').click();
      await refusesThenTakes(page, language, `Renamed ${language}`);
      expect(await botsBeside(`Renamed ${language}`)).toEqual([...before, `Renamed ${language}`].sort());

      await page.locator('[data-action=clone]').click();
      await refusesThenTakes(page, language, `Copy ${language}`);
      expect(await botsBeside(`Copy ${language}`)).toEqual(
        [...before, `Copy ${language}`, `Renamed ${language}`].sort(),
      );
      expect(problems).toEqual([]);
    },
  );
});

describe.skipIf(requireOrSkip('chromium'))('names of bots from before the rule, in a browser', () => {
  const stage = DashboardWorld.forEachTest();

  test('[NAME-2] are shown as they are, and can be mended', async () => {
    const page = await stage.enterWithBot(DESKTOP);
    const { desk } = stage.server;
    desk.createBot({ ...desk.bot('bot1'), name: TURNED });
    const card = page.locator('[data-bot=bot2] .name a');
    await card.waitFor();
    expect(await card.textContent()).toBe(TURNED);
    await card.click();
    await page.locator('[data-action=edit]').click();
    const name = page.locator('dialog input[id$="-name"]');
    expect(await name.inputValue()).toBe(TURNED);
    await name.fill('Grid BTC');
    await page.locator('dialog button[type=submit]').click();
    await page.locator('dialog').waitFor({ state: 'detached' });
    // What the device tells of itself may come after it.
    const changes = stage.server.asked.filter(({ op }) => op === 'bots.update');
    expect(changes.at(-1)).toMatchObject({ args: { name: 'Grid BTC' } });
  });
});
