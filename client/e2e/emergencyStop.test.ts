import { describe, expect, test } from 'vitest';
import { requireOrSkip } from '../../server/testing/requireOrSkip.ts';
import { dec } from '../../shared/domain/decimal.ts';
import { DESKTOP } from './browser.ts';
import { DashboardWorld, FEW_SCREENS, hold, holdTime, OTHER_SCREENS, SCREENS } from './dashboardWorld.ts';
import { finishEmergency } from './fixtureOps.ts';

describe.skipIf(requireOrSkip('chromium'))('the emergency stop in a browser', () => {
  const world = DashboardWorld.forEachTest();
  const stops = () =>
    world.server.asked.filter(
      ({ op, args }) => op === 'emergency.stop' && !(args as { preview?: boolean }).preview,
    );
  const releases = () => world.server.asked.filter(({ op }) => op === 'emergency.release');

  test.each(SCREENS)(
    '[MET-19] [UI-6] on a %s: a tap stops nothing, a hold does, taps after it undo nothing, and release is asked for elsewhere',
    async (name, screen) => {
      const page = await world.enterWithBot(screen);
      await page.locator('.emergency').click();
      const unread = /the venue does not answer|거래소가 응답하지 않습니다/;
      await page.locator('dialog [role=alert]', { hasText: unread }).waitFor();
      const button = page.locator('[data-action=emergency-confirm]');
      await holdTime(page);
      await button.click();
      await page.locator('[data-hold=short]').waitFor();
      await page.clock.runFor(2_000);
      expect(stops()).toEqual([]);
      await page.clock.resume();
      await world.shot(page, `${name}-30-hold`);

      const at = await hold(page, button, page.locator('[data-emergency]'));
      expect(stops()).toHaveLength(1);
      for (let tap = 0; tap < 2; tap += 1) await page.mouse.click(at.x, at.y);
      finishEmergency(world.server.desk);
      await page.locator('dialog [data-emergency=done]').waitFor();
      for (let tap = 0; tap < 2; tap += 1) await page.mouse.click(at.x, at.y);
      await page.keyboard.press('Enter');
      await page.keyboard.press('Space');
      expect(await page.locator('dialog [data-emergency=done]').count(), 'the receipt stays').toBe(1);
      expect(await page.locator('dialog [data-action=release]').count()).toBe(0);
      expect(releases()).toEqual([]);
      await world.shot(page, `${name}-31-receipt`);
      await page.keyboard.press('Escape');
      await page.locator('dialog').waitFor({ state: 'detached' });
      await world.shot(page, `${name}-32-latched`);

      await holdTime(page);
      await page.locator('[data-action=release]').click();
      const confirm = page.locator('dialog [data-action=release-confirm]');
      expect(await confirm.isDisabled(), 'a second tap finds nothing to press').toBe(true);
      await world.shot(page, `${name}-33-release`);
      await page.clock.resume();
      await confirm.click();
      await page.locator('[data-action=release]').waitFor({ state: 'detached' });
      expect(releases()).toHaveLength(1);
      await page.locator('nav a[href="#/activity"]').click();
      await page.locator('[data-receipt] summary').click();
      await page.locator('[data-receipt] [data-emergency=done]').waitFor();
      await world.shot(page, `${name}-34-receipts`);
    },
  );

  test('[MET-19] it is held with the keyboard too, and pressed by those who cannot hold', async () => {
    const page = await world.enterWithBot(DESKTOP);
    for (const key of ['Enter', 'Space']) {
      await page.locator('.emergency').click();
      await page.locator('[data-action=emergency-confirm]').focus();
      await holdTime(page);
      await page.keyboard.press(key);
      await page.locator('[data-hold=short]').waitFor();
      await page.clock.resume();
      const before = stops().length;
      await page.keyboard.down(key);
      await page.locator('dialog [data-emergency]').waitFor();
      await page.keyboard.up(key);
      expect(stops()).toHaveLength(before + 1);
      finishEmergency(world.server.desk);
      await page.locator('dialog [data-emergency=done]').waitFor();
      await page.keyboard.press('Escape');
    }
    await page.locator('.emergency').click();
    await page.locator('dialog input[type=checkbox]').check();
    await page.locator('[data-action=emergency-confirm]').click();
    await page.locator('dialog [data-emergency]').waitFor();
    expect(stops()).toHaveLength(3);
  });

  test('[MET-19] what will be closed follows what is open while the dialog asks', async () => {
    const page = await world.enterWithBot(DESKTOP);
    await page.locator('.emergency').click();
    await page.locator('dialog li', { hasText: 'BTCUSDT' }).first().waitFor();
    world.server.desk.exit('bot1', 'signal');
    await expect.poll(() => page.locator('dialog li', { hasText: 'BTCUSDT' }).count()).toBe(0);
    world.server.desk.enter('bot1', '0.057');
    await page.locator('dialog li', { hasText: '0.057' }).first().waitFor();
  });

  test.each(FEW_SCREENS)(
    '[MET-19] on a %s without a connection the dialog says at once what else can be done, and what was open last',
    async (name, screen) => {
      const page = await world.enterWithBot(screen);
      world.server.accepting = false;
      world.server.cutSockets();
      await page.locator('[data-connection=offline]').waitFor();
      await page.locator('.emergency').click();
      await page.locator('dialog [data-offline]').getByText('npm run panic').waitFor();
      expect(await page.locator('dialog li', { hasText: 'BTCUSDT' }).count()).toBeGreaterThan(0);
      await world.shot(page, `${name}-35-emergency-offline`);
      world.server.accepting = true;
      await page.locator('dialog [data-offline]').waitFor({ state: 'detached' });
    },
  );

  test.each(OTHER_SCREENS)(
    '[MET-25] on a %s: a breach says how long it lasts, and one that a person ends can be ended here',
    async (name, screen) => {
      const page = await world.enter(screen);
      const { desk } = world.server;
      const limits = desk.view.limits[desk.openAccount('Simulated')];
      if (limits === undefined) throw new Error('no limits');
      const breach = { ts: Date.now(), policy: 'hold' as const };
      desk.emit('LimitChanged', {
        limits: {
          ...limits,
          breaches: [
            { ...breach, limit: 'daily_loss', actual: dec('-450'), allowed: dec('-400') },
            { ...breach, limit: 'drawdown', actual: dec('21.5'), allowed: dec('20') },
          ],
        },
      });
      const daily = page.locator('[data-breach=daily_loss]');
      await daily.filter({ hasText: /until midnight \(UTC\)|자정\(UTC\)까지/ }).waitFor();
      expect(await daily.locator('button').count()).toBe(0);
      await world.shot(page, `${name}-35-breaches`);
      await page.locator('[data-breach=drawdown] [data-action=release-breach]').click();
      const dialog = page.locator('dialog', {
        hasText: /denies entries all the same|그래도 진입할 수 없습니다/,
      });
      await dialog.waitFor();
      await world.shot(page, `${name}-36-release-breach`);
      await dialog.locator('[data-action=release-confirm]').click();
      await page.locator('[data-breach]').first().waitFor({ state: 'detached' });
      expect(releases()).toEqual([{ op: 'emergency.release', args: { accountId: limits.accountId } }]);
    },
  );

  test('[MET-27] what another device released first is not released again', async () => {
    const page = await world.enter(DESKTOP);
    const { desk } = world.server;
    const account = desk.view.accounts[desk.openAccount('Simulated')];
    if (account === undefined) throw new Error('no account');
    const latch = { reason: 'emergency' as const, since: Date.now() };
    desk.emit('LatchReleased', { account: { ...account, latch } });
    await page.locator('[data-action=release]').click();
    const confirm = page.locator('[data-action=release-confirm]');
    await expect.poll(() => confirm.isEnabled()).toBe(true);
    desk.emit('LatchReleased', { account: { ...account, latch: null } });
    await page.locator('dialog [role=status]').waitFor();
    expect(await confirm.isDisabled()).toBe(true);
  });
});
