import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { requireOrSkip } from '../../server/testing/requireOrSkip.ts';
import { because } from '../../shared/domain/cause.ts';
import { DashboardWorld, SCREENS } from './dashboardWorld.ts';

/** Controls that this message lies over, of those that can be pressed; null: it has left. */
const covered = (page: Page, message: string): Promise<string[] | null> =>
  page.evaluate((text) => {
    const messages = document.querySelector('.toasts');
    if (messages?.textContent?.includes(text) !== true) return null;
    // It waits unseen for a place.
    if (messages.matches('.nowhere')) return [];
    const box = messages.getBoundingClientRect();
    const scope = document.querySelector('dialog[open]') ?? document;
    return [...scope.querySelectorAll('button, a, input, select, summary')]
      .filter((control) => {
        const { left, right, top, bottom, width } = control.getBoundingClientRect();
        const apart = right <= box.left || left >= box.right || bottom <= box.top || top >= box.bottom;
        return width > 0 && !apart && !messages.contains(control);
      })
      .map((control) => control.outerHTML.slice(0, 80));
  }, message);

describe.skipIf(requireOrSkip('chromium'))('messages in a browser', () => {
  const world = DashboardWorld.forEachTest();

  function failStop(reason = 'price out of band'): void {
    const position = Object.values(world.server.desk.view.positions)[0];
    if (position === undefined) throw new Error('no position');
    world.server.desk.emit('StopFailed', { position, reason: because('told', { text: reason }) });
  }

  /** A message comes, and finds a place beside every control while it is there. */
  async function liesApart(page: Page, reason: string): Promise<void> {
    failStop(reason);
    await page.locator('.toast.error', { hasText: reason }).waitFor();
    await expect
      .poll(async () => {
        const found = await covered(page, reason);
        // A slow machine may look when it has left: another one has to lie apart as well.
        if (found === null) failStop(reason);
        return found;
      })
      .toEqual([]);
  }

  test.each(SCREENS)(
    '[MET-23] [UI-23] on a %s: routine is silent, messages of a kind are one, and none lies over a control',
    async (name, screen) => {
      const page = await world.enterWithBot(screen);
      await page.evaluate(() => document.querySelector<HTMLElement>('.toast .btn')?.click());
      await page.locator('.toast').waitFor({ state: 'detached' });
      for (let round = 0; round < 3; round += 1) {
        world.server.desk.exit('bot1', 'stop');
        world.server.desk.enter('bot1', '0.039');
      }
      await expect.poll(() => page.locator('[data-fill=stop]').count()).toBe(3);
      expect(await page.locator('.toast').count()).toBe(0);

      for (let time = 0; time < 3; time += 1) failStop();
      await page.locator('.toast.error', { hasText: '×3' }).waitFor();
      expect(await page.locator('.toast').count()).toBeLessThanOrEqual(1);
      await page.locator('nav a[href="#/trade"]').click();
      await page.locator('form button[type=submit]').waitFor();
      for (const place of ['start', 'center', 'end'] as const) {
        await page
          .locator('form button[type=submit]')
          .evaluate((button, block) => button.scrollIntoView({ block }), place);
        await liesApart(page, `price out of band at the ${place}`);
        if (place === 'center') await world.shot(page, `${name}-70-ticket`);
      }
      await page.locator('nav a[href="#/settings"]').click();
      await page.locator('[data-limits] button').first().click();
      await page.locator('dialog button[type=submit]').waitFor();
      await liesApart(page, 'price out of band beside a dialog');
      await world.shot(page, `${name}-71-dialog`);
    },
  );
});
