import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { requireOrSkip } from '../../server/testing/requireOrSkip.ts';
import { DESKTOP } from './browser.ts';
import { DashboardWorld, FEW_SCREENS, OTHER_SCREENS } from './dashboardWorld.ts';

describe.skipIf(requireOrSkip('chromium'))('an order by hand, in a browser', () => {
  const stage = DashboardWorld.forEachTest();
  const field = (page: Page, name: string) => page.locator(`input[id$="-${name}"]`);
  const submits = () => stage.server.asked.filter(({ op }) => op === 'orders.submit').map(({ args }) => args);
  const send = (page: Page) => page.locator('[data-action=send-order]');

  async function openTicket(page: Page): Promise<void> {
    stage.server.denials = [];
    stage.server.desk.openAccount('Simulated');
    await page.locator('nav a[href="#/trade"]').click();
    await field(page, 'size').waitFor();
    // However slow the machine, no preview grows old here.
    await page.clock.setFixedTime(await page.evaluate(() => Date.now()));
  }

  test.each(FEW_SCREENS)(
    '[MET-28] [UI-26] on a %s: Enter looks, and what is sent is what was looked at while it is current',
    async (name, screen) => {
      const page = await stage.enter(screen);
      await openTicket(page);
      expect(await send(page).isDisabled()).toBe(true);
      await field(page, 'size').fill('.2');
      await field(page, 'stop').fill('60000');
      await page.keyboard.press('Enter');
      await page.locator('[data-look=current]').waitFor();
      expect(submits()).toEqual([expect.objectContaining({ size: '0.2', preview: true })]);
      await stage.shot(page, `${name}-28-look`);
      await field(page, 'stop').fill('61000');
      await field(page, 'takeProfit').fill('90000');
      await page.locator('[data-look]').waitFor({ state: 'detached' });
      expect(await send(page).isDisabled()).toBe(true);
      await page.keyboard.press('Enter');
      await page.locator('[data-look=current]').waitFor();

      stage.server.desk.createBot({
        ...{ name: 'b', accountId: 'acc1', symbol: 'BTCUSDT', interval: '1m', strategy: 'momentum' },
        ...{
          params: {},
          allocationPct: '10' as never,
          leverage: 1,
          marginMode: 'isolated',
          onRestart: 'hold',
        },
      });
      stage.server.desk.enter('bot1', '0.039');
      await page.locator('[data-look=old]').waitFor();
      expect(await send(page).isDisabled()).toBe(true);
      await stage.shot(page, `${name}-28-stale`);
      await field(page, 'stop').press('Enter');
      await page.locator('[data-look=current]').waitFor();
      await send(page).click();
      await expect
        .poll(() => submits().at(-1))
        .toMatchObject({
          ...{ size: '0.2', symbol: 'BTCUSDT', preview: false },
          protection: { stopPrice: '61000', takeProfitPrice: '90000' },
        });
      await page.locator('[data-look]').waitFor({ state: 'detached' });
      for (const name of ['size', 'stop', 'takeProfit'])
        expect(await field(page, name).inputValue(), `${name} of the order that was sent`).toBe('');
    },
  );

  test('[MET-28] nothing that was typed for one market is left for another', async () => {
    const page = await stage.enter(DESKTOP);
    await openTicket(page);
    await field(page, 'size').fill('0.2');
    await field(page, 'stop').fill('60000');
    await field(page, 'takeProfit').fill('70000');
    await page.locator('select[id$="-symbol"]').selectOption('ETHUSDT');
    for (const name of ['size', 'stop', 'takeProfit'])
      expect(await field(page, name).inputValue(), name).toBe('');
  });

  test.each(OTHER_SCREENS)(
    '[MET-28] on a %s: what cannot be read is said beside its field',
    async (name, screen) => {
      const page = await stage.enter(screen);
      await openTicket(page);
      const problems = page.locator('form .problem');
      await page.locator('form button[type=submit]').click();
      await problems.first().waitFor();
      expect(await field(page, 'size').evaluate((input) => input === document.activeElement)).toBe(true);
      for (const [typed, said] of [
        ['0,01', /point for decimals|소수점은 점/],
        ['1,000', /point for decimals|소수점은 점/],
        ['abc', /Enter a number|숫자를 입력/],
        ['0', /above 0|0보다 커야/],
      ] as const) {
        await field(page, 'size').fill(typed);
        await expect.poll(() => problems.allTextContents()).toEqual([expect.stringMatching(said)]);
      }
      await field(page, 'stop').fill('60,000');
      await stage.shot(page, `${name}-28-problems`);
      await page.keyboard.press('Enter');
      expect(submits()).toEqual([]);
      expect(await page.locator('form button[type=submit]').isDisabled()).toBe(false);
    },
  );

  test('[MET-28] what a bot does on another market leaves a preview current', async () => {
    const page = await stage.enterWithBot(DESKTOP);
    await openTicket(page);
    await page.locator('select[id$="-symbol"]').selectOption('ETHUSDT');
    await field(page, 'size').fill('0.2');
    await page.keyboard.press('Enter');
    await page.locator('[data-look=current]').waitFor();
    const { desk } = stage.server;
    const stop = desk.view.orders['stop-BTCUSDT'];
    if (stop === undefined) throw new Error('no stop');
    desk.emit('OrderCancelled', { order: { ...stop, status: 'cancelled' } });
    desk.emit('OrderAccepted', { order: { ...stop, orderId: 'moved', triggerPrice: '63501' as never } });
    await page.locator('tr[data-order]', { hasText: '63,501' }).waitFor();
    await page.locator('[data-look=current]').waitFor();
    await send(page).click();
    await expect.poll(() => submits().at(-1)).toMatchObject({ symbol: 'ETHUSDT', preview: false });
  });
});
