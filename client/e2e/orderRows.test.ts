import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { requireOrSkip } from '../../server/testing/requireOrSkip.ts';
import { dec } from '../../shared/domain/decimal.ts';
import type { Order } from '../../shared/domain/order.ts';
import { DashboardWorld, SCREENS } from './dashboardWorld.ts';
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

  test.each(SCREENS)(
    '[MET-27] on a %s: rows keep their places, a cancel asks first, and a stop that protects offers none',
    async (name, screen) => {
      const page = await world.enterWithBot(screen);
      const { desk } = world.server;
      await page.locator('nav a[href="#/trade"]').click();
      const [first, second] = [byHand('m1', '3000'), byHand('m2', '2900')];
      for (const order of [first, second]) desk.emit('OrderAccepted', { order });
      await expect.poll(() => page.locator('tr[data-order]').count()).toBe(3);
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
});
