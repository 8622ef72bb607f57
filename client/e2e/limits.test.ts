import { describe, expect, test } from 'vitest';
import { requireOrSkip } from '../../server/testing/requireOrSkip.ts';
import { dec } from '../../shared/domain/decimal.ts';
import { DashboardWorld, FEW_SCREENS, SCREENS } from './dashboardWorld.ts';

describe.skipIf(requireOrSkip('chromium'))('limits that stop everything, in a browser', () => {
  const stage = DashboardWorld.forEachTest();

  test.each(SCREENS)(
    '[MET-25] on a %s: a daily loss below that of today says with its figure what it closes, and asks first',
    async (name, screen) => {
      const { server } = stage;
      const page = await stage.enter(screen);
      await page.locator('[data-action=demo]').first().click();
      await page.locator('[data-bot][data-state=starting]').waitFor();
      server.desk.setState('bot1', 'running');
      const position = server.desk.enter('bot1', '0.039');
      server.desk.emit('PositionChanged', {
        position: { ...position, symbol: 'ETHUSDT', botId: null },
        trade: null,
      });
      const limits = server.desk.view.limits.acc1;
      if (limits?.dayStart == null) throw new Error('no limits');
      // What is open has gained; the day began higher all the same.
      const dayStart = { ...limits.dayStart, equity: dec('14000') };
      server.desk.emit('LimitChanged', {
        limits: { ...limits, dayStart, values: { ...limits.values, dailyLoss: null } },
      });
      await page.locator('[data-action=limits]').click();
      const saved = () => server.asked.filter(({ op }) => op === 'limits.set');
      const submit = page.locator('dialog button[type=submit]');
      const loss = page.locator('dialog input[id$="-dailyLoss"]');
      await loss.fill('9000');
      expect(await page.locator('[data-breaks]').count()).toBe(0);
      await loss.fill('250');
      const warning = page.locator('[data-breaks]');
      await warning.waitFor();
      expect(await warning.textContent()).toMatch(/\d,\d{3}\.\d\d USDT.*250\.00 USDT.*BTCUSDT.*ETHUSDT/s);
      expect(await submit.isDisabled()).toBe(true);
      await stage.shot(page, `${name}-25-limits`);
      await page.locator('[data-action=agree]').check();
      expect(await submit.isDisabled()).toBe(false);
      // A policy that keeps positions is another question.
      await page.locator('dialog select[id$="-dailyLossPolicy"]').selectOption('hold');
      expect(await submit.isDisabled()).toBe(true);
      await page.locator('dialog select[id$="-dailyLossPolicy"]').selectOption('flatten');
      await warning.scrollIntoViewIfNeeded();
      if (!(await page.locator('[data-action=agree]').isChecked()))
        await page.locator('[data-action=agree]').check();
      await submit.click();
      await page.locator('dialog').waitFor({ state: 'detached' });
      expect(saved()).toEqual([
        { op: 'limits.set', args: { accountId: 'acc1', values: { dailyLoss: '250' } } },
      ]);
    },
  );

  test.each(FEW_SCREENS)(
    '[MET-25] on a %s: where nobody knows what is at stake, that is said and asked',
    async (name, screen) => {
      const { server } = stage;
      server.knowsValues = false;
      const page = await stage.enter(screen);
      server.desk.openAccount('Simulated');
      await page.locator('nav a[href="#/settings"]').click();
      await page.locator('[data-limits] button').first().click();
      const submit = page.locator('dialog button[type=submit]');
      // It denies orders and stops nothing.
      await page.locator('dialog input[id$="-maxPositions"]').fill('3');
      await expect.poll(() => submit.isEnabled()).toBe(true);
      expect(await page.locator('[data-breaks]').count()).toBe(0);
      await page.locator('dialog input[id$="-dailyLoss"]').fill('250');
      const warning = page.locator('[data-breaks=unsure]');
      await warning.getByText(/cannot be known right now|알 수 없어/).waitFor();
      expect(await submit.isDisabled()).toBe(true);
      await stage.shot(page, `${name}-25-unsure`);
      await page.locator('[data-action=agree]').check();
      await submit.click();
      await page.locator('dialog').waitFor({ state: 'detached' });
      expect(server.asked.filter(({ op }) => op === 'limits.set').map(({ args }) => args)).toEqual([
        { accountId: 'acc1', values: { maxPositions: 3, dailyLoss: '250' } },
      ]);
    },
  );
});
