import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { requireOrSkip } from '../../server/testing/requireOrSkip.ts';
import { DESKTOP } from './browser.ts';
import { DashboardWorld, OTHER_SCREENS } from './dashboardWorld.ts';

/** Every state the badge shows from now on, in order. */
const watchBadge = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const badge = document.querySelector('[data-connection]');
    const seen: string[] = [];
    Object.assign(globalThis, { badgeStates: seen });
    const look = (): void => {
      const state = badge?.getAttribute('data-connection') ?? 'gone';
      if (seen.at(-1) !== state) seen.push(state);
    };
    look();
    new MutationObserver(look).observe(document.body, { subtree: true, attributes: true, childList: true });
  });
const badgeStates = (page: Page): Promise<string[]> =>
  page.evaluate(() => (globalThis as unknown as { badgeStates: string[] }).badgeStates);

describe.skipIf(requireOrSkip('chromium'))('without a connection, in a browser', () => {
  const world = DashboardWorld.forEachTest();

  test.each(OTHER_SCREENS)(
    '[MET-24] [UI-2] on a %s: attempts change nothing on the screen, which names one time, until it is live again',
    async (name, screen) => {
      const page = await world.enterWithBot(screen);
      await watchBadge(page);
      world.server.accepting = false;
      world.server.cutSockets();
      await page.locator('[data-cut]').waitFor();
      const told = await page.locator('[data-cut]').textContent();
      await world.shot(page, `${name}-40-offline`);
      const before = world.server.refused;
      await expect.poll(() => world.server.refused).toBeGreaterThan(before);
      expect(await page.locator('[data-cut]').textContent()).toBe(told);
      world.server.desk.setState('bot1', 'paused');
      world.server.accepting = true;
      await page.locator('[data-bot][data-state=paused]').waitFor();
      await page.locator('[data-connection=live]').waitFor();
      expect(await badgeStates(page)).toEqual(['live', 'offline', 'resuming', 'live']);
    },
  );

  /** Live, with a clock that stands still: what happens from here on, no timer has done. */
  async function enterWithTimeHeld(): Promise<Page> {
    const page = await world.enterWithBot(DESKTOP);
    // Before the page loads, so that no timer of before is left.
    await page.clock.install();
    await page.reload();
    await page.locator('[data-connection=live]').waitFor();
    await page.locator('[data-position]').waitFor();
    await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1_000);
    return page;
  }

  test('[MET-24] is not live once the browser says that the network is gone, and back at once with it', async () => {
    const page = await enterWithTimeHeld();
    world.server.silent = true;
    await watchBadge(page);
    await world.context.setOffline(true);
    await expect.poll(() => badgeStates(page)).toEqual(['live', 'stale']);
    await page.clock.runFor(3_000);
    await page.locator('[data-connection=offline]').waitFor();
    world.server.silent = false;
    await world.context.setOffline(false);
    await expect.poll(() => badgeStates(page)).toContain('resuming');
    await page.clock.resume();
    await page.locator('[data-connection=live]').waitFor();
  });

  test('[MET-24] asks whether the server is there when the page is looked at again', async () => {
    const page = await enterWithTimeHeld();
    const pings = () => world.server.asked.filter(({ op }) => op === 'ping').length;
    const before = pings();
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await expect.poll(pings).toBeGreaterThan(before);
  });
});
