import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { buildDashboard, DESKTOP, launchChromium, openDevice, PHONE, type Screen } from './browser.ts';
import { FixtureServer } from './fixtureServer.ts';
import { layoutProblems } from './layout.ts';

/** Set to a folder to keep pictures of every stage, for people to look at. */
const SHOTS = process.env.FILLWIRE_SHOTS;

/** Phone and desktop, light and dark, English and Korean. */
export const SCREENS: [string, Screen][] = [
  ['desktop', DESKTOP],
  ['desktop-dark-ko', { ...DESKTOP, colorScheme: 'dark', locale: 'ko-KR' }],
  ['phone-dark-ko', PHONE],
  ['phone', { ...PHONE, colorScheme: 'light', locale: 'en-GB' }],
];

/** The built dashboard in a browser, before a scripted server of its own for each test. */
export interface Stage {
  readonly server: FixtureServer;
  readonly browser: Browser;
  /** What the pages complained about so far; whatever is left at the end of a test fails it. */
  readonly problems: string[];
  open(screen: Screen): Promise<Page>;
  /** Opens a page and logs in. */
  enter(screen: Screen): Promise<Page>;
  /** Whatever is worth a picture also has to be in good order. */
  shot(page: Page, name: string): Promise<void>;
}

/** Call within a `describe`: it sets up and clears away around its tests. */
export function useStage(): Stage {
  let folder: string;
  let browser: Browser;
  let server: FixtureServer;
  let problems: string[] = [];

  beforeAll(async () => {
    folder = await buildDashboard();
    browser = await launchChromium();
    if (SHOTS !== undefined) mkdirSync(SHOTS, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    server = await FixtureServer.start(folder);
    problems = [];
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await server.close();
    expect(problems, 'errors in the page, its content policy included').toEqual([]);
  });

  async function open(screen: Screen): Promise<Page> {
    const opened = await openDevice(browser, server.url, screen);
    problems = opened.problems;
    return opened.page;
  }

  return {
    get server() {
      return server;
    },
    get browser() {
      return browser;
    },
    get problems() {
      return problems;
    },
    open,
    async enter(screen) {
      const page = await open(screen);
      await page.locator('#email').fill('someone@example.com');
      await page.locator('#password').fill('a long enough password');
      await page.locator('button[type=submit]').click();
      await page.locator('[data-connection=live]').waitFor();
      return page;
    },
    async shot(page, name) {
      expect(await layoutProblems(page), name).toEqual([]);
      if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
    },
  };
}
