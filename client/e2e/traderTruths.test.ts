import { describe, expect, test } from 'vitest';
import { requireOrSkip } from '../../server/testing/requireOrSkip.ts';
import { toldBreach } from '../../shared/domain/breach.ts';
import { dec } from '../../shared/domain/decimal.ts';
import { DashboardWorld, FEW_SCREENS } from './dashboardWorld.ts';

const TRADES = 30;

describe.skipIf(requireOrSkip('chromium'))('what a trader looks for, in a browser', () => {
  const stage = DashboardWorld.forEachTest();

  test.each(FEW_SCREENS)(
    '[UI-29] on a %s: a stop is moved and never removed, and the dialog says so',
    async (name, screen) => {
      const page = await stage.enterWithBot(screen);
      await page.locator('nav a[href="#/trade"]').click();
      await page.locator('[data-position] .actions button').first().click();
      const hint = page.locator('[data-hint=only-moved]');
      await hint.waitFor();
      expect(await hint.textContent()).toMatch(/never removed|없앨 수는 없습니다/);
      await stage.shot(page, `${name}-stop-dialog`);
    },
  );

  test.each(FEW_SCREENS)(
    '[UI-29] on a %s: a bot that a limit halted says that it stays so, and what comes before Start',
    async (name, screen) => {
      const page = await stage.enterWithBot(screen);
      const { desk } = stage.server;
      const again = page.locator('[data-again]');
      expect(await again.count()).toBe(0);
      const limits = desk.view.limits.acc1;
      if (limits === undefined) throw new Error('no limits');
      const breach = (limit: 'daily_loss' | 'drawdown') => ({
        ...{ limit, actual: dec('-443.4'), allowed: dec('-400'), ts: Date.now(), policy: 'flatten' as const },
      });
      desk.emit('LimitChanged', { limits: { ...limits, breaches: [breach('daily_loss')] } });
      desk.setState('bot1', 'halted', {
        code: 'limit_broken',
        figures: { breach: toldBreach('account', breach('daily_loss')) },
      });
      await expect.poll(() => again.textContent()).toMatch(/day of your limits is over|하루가 끝날 때까지/);
      await stage.shot(page, `${name}-halted-by-limit`);
      desk.emit('LimitChanged', { limits: { ...limits, breaches: [breach('drawdown')] } });
      await expect.poll(() => again.textContent()).toMatch(/Allow entries again|진입을 다시 허용/);
      desk.emit('LimitChanged', { limits });
      // The words for a release end with the same request.
      await expect.poll(() => again.textContent()).not.toMatch(/Allow entries|허용/);
      expect(await again.textContent()).toMatch(/press Start|시작을 누르세요/);
      desk.setState('bot1', 'running');
      await again.waitFor({ state: 'detached' });
    },
  );

  test.each(FEW_SCREENS)(
    '[UI-28] on a %s: what was done is shown a part at a time, and the keyboard brings the rest',
    async (name, screen) => {
      const page = await stage.enterWithBot(screen);
      const { desk } = stage.server;
      desk.exit('bot1', 'signal');
      for (let n = 1; n < TRADES; n += 1) {
        desk.enter('bot1', '0.039');
        desk.exit('bot1', 'signal');
      }
      await page.locator('nav a[href="#/activity"]').click();
      const trades = page.locator('[data-more-left]').first();
      const rows = trades.locator('tbody tr');
      await expect.poll(() => rows.count()).toBe(12);
      await stage.shot(page, `${name}-activity`);
      const more = trades.locator('[data-action=more]');
      await more.press('Enter');
      await expect.poll(() => rows.count()).toBe(24);
      expect(await more.evaluate((button) => button === document.activeElement)).toBe(true);
      await page.keyboard.press('Enter');
      await expect.poll(() => rows.count()).toBe(TRADES);
      await more.waitFor({ state: 'detached' });
      expect(await trades.evaluate((list) => list === document.activeElement)).toBe(true);
    },
  );
});
