import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { inLongForm } from '../../server/testing/longForm.ts';
import { DESKTOP, launchChromium, openDevice, PHONE, type Screen } from './browser.ts';
import { builtDashboard } from './builtDashboard.ts';
import { FixtureServer } from './fixtureServer.ts';
import { layoutProblems } from './layout.ts';

/** Set to a folder to keep pictures of every stage, for people to look at. */
const SHOTS = process.env.FILLWIRE_SHOTS;

const ALL_SCREENS: [string, Screen][] = [
  ['desktop', DESKTOP],
  ['phone', PHONE],
  ['desktop-dark-ko', { ...DESKTOP, colorScheme: 'dark', locale: 'ko-KR' }],
  ['phone-light-en', { ...PHONE, colorScheme: 'light', locale: 'en-GB' }],
];
/** Two are enough where what happens is the same on each: every size, theme and language is among them. */
export const FEW_SCREENS = ALL_SCREENS.slice(0, 2);
/** The same, with the language that the other two show on the other size: for what is laid out differently. */
export const OTHER_SCREENS = ALL_SCREENS.slice(2);
/** Both sizes with both themes and both languages, where it takes no long time. */
export const SCREENS = inLongForm(ALL_SCREENS, OTHER_SCREENS);

/** One built dashboard and one browser for the tests of a `describe`, a scripted server for each. */
export class DashboardWorld {
  server!: FixtureServer;
  browser!: Browser;
  context!: BrowserContext;
  #folder!: string;
  #problems: string[] = [];

  /** Call it in a `describe`. */
  static forEachTest(): DashboardWorld {
    const world = new DashboardWorld();
    beforeAll(async () => {
      world.#folder = await builtDashboard();
      world.browser = await launchChromium();
      if (SHOTS !== undefined) mkdirSync(SHOTS, { recursive: true });
    });
    afterAll(async () => {
      await world.browser?.close();
    });
    beforeEach(async () => {
      world.server = await FixtureServer.start(world.#folder);
      world.#problems = [];
    });
    afterEach(async () => {
      for (const context of world.browser.contexts()) await context.close();
      await world.server.close();
      expect(world.#problems, 'errors in the page, its content policy included').toEqual([]);
    });
    return world;
  }

  /** A device with the page as it is first. */
  async open(screen: Screen): Promise<Page> {
    const { context, page, problems } = await openDevice(this.browser, this.server.url, screen);
    this.context = context;
    this.#problems = problems;
    return page;
  }

  /** A device that is logged in and live. */
  async enter(screen: Screen): Promise<Page> {
    const page = await this.open(screen);
    await page.locator('#email').fill('someone@example.com');
    await page.locator('#password').fill('a long enough password');
    await page.locator('button[type=submit]').click();
    await page.locator('[data-connection=live]').waitFor();
    return page;
  }

  /** The same with one running bot that holds a position. */
  async enterWithBot(screen: Screen): Promise<Page> {
    const page = await this.enter(screen);
    await page.locator('[data-action=demo]').first().click();
    // Its start has been asked for: else that would come after what is told of it here.
    await page.locator('[data-bot][data-state=starting]').waitFor();
    this.server.desk.setState('bot1', 'running');
    this.server.desk.enter('bot1', '0.039');
    await page.locator('[data-position]').waitFor();
    return page;
  }

  /** Each stage that is worth a picture also has to be in good order. */
  async shot(page: Page, name: string): Promise<void> {
    expect(await layoutProblems(page), name).toEqual([]);
    if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  }
}

/** Presses the middle of `button` until `until` is there, and lets go. Where that was: another tap may follow. */
export async function hold(page: Page, button: Locator, until: Locator): Promise<{ x: number; y: number }> {
  await button.scrollIntoViewIfNeeded();
  const box = await button.boundingBox();
  if (box === null) throw new Error('there is nothing to hold');
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await page.mouse.move(at.x, at.y);
  await page.mouse.down();
  await until.waitFor();
  await page.mouse.up();
  return at;
}

/** From here on no timer of the page fires, however slow the machine, until `page.clock` lets time pass. */
export async function holdTime(page: Page): Promise<void> {
  await page.clock.install();
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 5_000);
}
