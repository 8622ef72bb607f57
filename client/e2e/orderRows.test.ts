import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { requireOrSkip } from '../../server/testing/requireOrSkip.ts';
import { dec } from '../../shared/domain/decimal.ts';
import type { Order } from '../../shared/domain/order.ts';
import { DashboardWorld, FEW_SCREENS, holdTime, OTHER_SCREENS } from './dashboardWorld.ts';
import { stopOrderOf } from './fixtureData.ts';

/** Where each row is, by what it shows. */
const tops = (page: Page): Promise<Record<string, number>> =>
  page
    .locator('tr[data-place]')
    .evaluateAll((rows) =>
      Object.fromEntries(
        rows.map((row) => [row.getAttribute('data-place') ?? '', row.getBoundingClientRect().top + scrollY]),
      ),
    );

describe.skipIf(requireOrSkip('chromium'))('rows of orders in a browser', () => {
  const world = DashboardWorld.forEachTest();

  /** A resting limit order by hand. */
  function byHand(orderId: string, price: string): Order {
    const position = Object.values(world.server.desk.view.positions)[0];
    if (position === undefined) throw new Error('no position');
    return {
      ...stopOrderOf(position, Date.now()),
      ...{ orderId, venueOrderId: orderId, botId: null, symbol: 'ETHUSDT', side: 'buy', type: 'limit' },
      ...{ purpose: 'manual', size: dec('0.4'), price: dec(price), triggerPrice: null, reduceOnly: false },
    };
  }

  test.each(OTHER_SCREENS)(
    '[MET-27] on a %s: rows keep their places, a cancel asks first, and a stop that protects offers none',
    async (name, screen) => {
      const page = await world.enterWithBot(screen);
      const { desk } = world.server;
      await page.locator('nav a[href="#/trade"]').click();
      const [first, second] = [byHand('m1', '3000'), byHand('m2', '2900')];
      // One after the other, so that the one that fills is not the last row.
      for (const [index, order] of [first, second].entries()) {
        desk.emit('OrderAccepted', { order });
        await expect.poll(() => page.locator('tr[data-order]').count()).toBe(index + 2);
      }
      const before = await tops(page);

      // The stop is moved many times, another order fills: the rows stay where they are.
      let stop = desk.view.orders['stop-BTCUSDT'];
      for (let move = 1; move <= 5; move += 1) {
        if (stop === undefined) throw new Error('no stop');
        desk.emit('OrderCancelled', { order: { ...stop, status: 'cancelled' } });
        stop = { ...stop, orderId: `stop${move}`, triggerPrice: dec(String(63_500 + move)) };
        desk.emit('OrderAccepted', { order: stop });
      }
      desk.emit('OrderUpdated', { order: { ...first, status: 'filled', filledSize: first.size } });
      await page.locator('tr[data-place]', { hasText: '63,505' }).waitFor();
      await expect.poll(() => page.locator('tr[data-order]').count()).toBe(2);
      expect(await tops(page)).toEqual(before);
      const filled = page.locator('tr.gone', { hasText: '3,000' }).locator('td[data-label]');
      expect((await filled.allInnerTexts()).slice(-3, -1)).toEqual(['0.4', '0.4']);
      await world.shot(page, `${name}-60-orders`);

      const stopRow = page.locator('tr[data-order]', { hasText: '63,505' });
      await stopRow.locator('[data-protects]').waitFor();
      expect(await stopRow.locator('button').count()).toBe(0);
      const cancels = () => world.server.asked.filter(({ op }) => op === 'orders.cancel');
      await page.locator('[data-action=cancel-order]:enabled').click();
      await page.locator('dialog', { hasText: '2,900' }).waitFor();
      expect(cancels()).toEqual([]);
      await world.shot(page, `${name}-61-cancel`);
      await page.locator('[data-action=cancel-confirm]').click();
      await page.locator('dialog').waitFor({ state: 'detached' });
      expect(cancels()).toEqual([{ op: 'orders.cancel', args: { orderId: 'm2' } }]);

      // What fills while it is asked about says so.
      await page.locator('[data-action=cancel-order]:enabled').click();
      desk.emit('OrderUpdated', { order: { ...second, status: 'filled', filledSize: second.size } });
      await page.locator('dialog [role=status]').waitFor();
      expect(await page.locator('[data-action=cancel-confirm]').isDisabled()).toBe(true);
    },
  );

  test.each(FEW_SCREENS)(
    '[MET-27] on a %s: a dialog about a position follows it, and offers nothing once it is another one',
    async (name, screen) => {
      const page = await world.enterWithBot(screen);
      const { desk } = world.server;
      const [first] = Object.values(desk.view.positions);
      if (first === undefined) throw new Error('no position');
      await page.locator('nav a[href="#/trade"]').click();
      for (const [button, confirm] of [
        [1, page.locator('[data-action=close-confirm]')],
        [0, page.locator('dialog button[type=submit]')],
      ] as const) {
        desk.emit('PositionChanged', { position: first, trade: null });
        await page.locator('[data-position] .actions button').nth(button).click();
        await expect.poll(() => confirm.isEnabled()).toBe(true);
        // The bot closes it and enters anew, on the other side.
        const other = { ...first, direction: 'short' as const, openedAt: first.openedAt + 1 };
        desk.emit('PositionChanged', { position: other, trade: null });
        await page.locator('dialog [role=status]').waitFor();
        expect(await confirm.isDisabled()).toBe(true);
        await world.shot(page, `${name}-62-another-${button}`);
        await page.keyboard.press('Escape');
        await page.locator('dialog').waitFor({ state: 'detached' });
      }
    },
  );

  test.each(FEW_SCREENS)(
    '[MET-27] on a %s: a second tap where a dialog was reaches nothing behind it',
    async (_, screen) => {
      const page = await world.enterWithBot(screen);
      await page.locator('nav a[href="#/trade"]').click();
      await page.locator('[data-position] .actions button').nth(1).click();
      await holdTime(page);
      const box = await page.locator('[data-action=close-confirm]').boundingBox();
      if (box === null) throw new Error('there is nothing to press');
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      const press = async (clickCount: number) => {
        if (screen.width < 600) return page.touchscreen.tap(x, y);
        await page.mouse.move(x, y);
        await page.mouse.down({ clickCount });
        await page.mouse.up({ clickCount });
      };
      await press(1);
      await page.locator('dialog').waitFor({ state: 'detached' });
      await page.evaluate(() => {
        const count = () => document.body.classList.add('reached');
        document.body.addEventListener('click', count);
      });
      const reached = () => page.evaluate(() => document.body.className);
      await press(2);
      expect(await reached()).toBe('');
      await page.clock.runFor(600);
      await press(2);
      await expect.poll(reached).toBe('reached');
    },
  );
});
