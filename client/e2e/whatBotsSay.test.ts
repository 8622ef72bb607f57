import { describe, expect, test } from 'vitest';
import { requireOrSkip } from '../../server/testing/requireOrSkip.ts';
import { PHONE } from './browser.ts';
import { DashboardWorld, hold, SCREENS } from './dashboardWorld.ts';
import { holdsAt } from './fixtureData.ts';

/** As the list of devices calls it, in either language. */
const PHONE_NAME = /Safari on iPhone|iPhone · Safari/;

describe.skipIf(requireOrSkip('chromium'))('what bots say, and who changed them, in a browser', () => {
  const world = DashboardWorld.forEachTest();

  test.each(SCREENS)(
    '[MET-21] [MET-22] [UI-25] on a %s: why it is paused, what it does now, and whose device it was',
    async (name, screen) => {
      const korean = screen.locale === 'ko-KR';
      const page = await world.enterWithBot(screen);
      const { desk } = world.server;
      const card = page.locator('[data-bot] [data-why]');
      desk.note('bot1', holdsAt('63286.7'));
      await card.getByText('63,286.7').waitFor();
      // The same kind of reason: the desk is told nothing, the log is.
      await world.server.heard('log:bot1');
      world.server.log('bot1', holdsAt('64001.2'));
      await card.getByText('64,001.2').waitFor();
      expect(await card.textContent()).not.toContain('63,286.7');

      desk.setState(
        'bot1',
        'paused',
        { code: 'server_away', figures: { for: 137_000 } },
        {
          deviceId: null,
          action: 'restart',
        },
      );
      await card
        .getByText(korean ? '서버가 2분 17초 동안' : 'The server was away for 2 min 17 sec')
        .waitFor();
      await page.locator('[data-changed-by=engine]').waitFor();
      desk.setState('bot1', 'holding', null, { deviceId: 'd2', action: 'hold' });
      await card.getByText('64,001.2').waitFor();
      await page.locator('[data-changed-by=d2]', { hasText: PHONE_NAME }).waitFor();
      await page
        .locator('[data-changed-by=d2] time')
        .getByText(korean ? /전/ : /ago/)
        .waitFor();
      await world.shot(page, `${name}-50-bots`);
      await page.locator('[data-bot] .name a').click();
      await page.locator('[data-note]').getByText('64,001.2').waitFor();
      await world.server.heard('log:bot1');
      world.server.log('bot1', holdsAt('64100'));
      await page.locator('[data-note]').getByText('64,100').waitFor();
      await page.locator('[data-changed-by=d2]', { hasText: PHONE_NAME }).waitFor();
      await world.shot(page, `${name}-51-bot`);

      await page.locator('.emergency').click();
      await hold(
        page,
        page.locator('[data-action=emergency-confirm]'),
        page.locator('dialog [data-emergency]'),
      );
      await page.locator('dialog [data-who]', { hasText: PHONE_NAME }).waitFor();
      await page.keyboard.press('Escape');
      await page.locator('main [data-who]', { hasText: PHONE_NAME }).waitFor();
      await world.shot(page, `${name}-52-who`);
    },
  );

  test.each(['en-GB', 'ko-KR'] as const)(
    '[MET-26] no two buttons on a phone have the same name (%s)',
    async (locale) => {
      const page = await world.enterWithBot({ ...PHONE, locale });
      await page.locator('[data-action=demo]').first().click();
      await page.locator('[data-action=stop-all]').waitFor();
      const names = await page.locator('header button, main > * .row.wrap > button').evaluateAll((buttons) =>
        buttons
          .filter((button) => button.closest('[data-bot]') === null && button.checkVisibility())
          .map((button) => {
            const shown = button.cloneNode(true) as HTMLElement;
            for (const part of button.querySelectorAll<HTMLElement>('span'))
              if (!part.checkVisibility()) shown.querySelector(`.${part.className.split(' ')[0]}`)?.remove();
            return shown.textContent?.trim() ?? '';
          })
          .filter((text) => text !== ''),
      );
      expect(names.length).toBeGreaterThan(2);
      expect(new Set(names).size, names.join(', ')).toBe(names.length);
    },
  );
});
