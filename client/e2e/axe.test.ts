import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { inLongForm } from '../../server/testing/longForm.ts';
import { requireOrSkip } from '../../server/testing/requireOrSkip.ts';
import { dec } from '../../shared/domain/decimal.ts';
import { DESKTOP, PHONE, type Screen } from './browser.ts';
import { DashboardWorld, hold } from './dashboardWorld.ts';
import { holdsAt } from './fixtureData.ts';
import { finishEmergency } from './fixtureOps.ts';
import { latinWords } from './latinWords.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Looks a finding has to outlast, and the pause between them: more than the page takes to settle. */
const LOOKS = 4;
const LOOK_AGAIN_MS = 500;
type Theme = 'light' | 'dark';
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds each time it looks: a message on its way out of a dialog's way is not where it will stand. */
async function findings(page: Page, stageName: string, themes: readonly Theme[]): Promise<string[]> {
  await page.evaluate(AXE);
  let lasting = await findingsNow(page, stageName, themes);
  for (let look = 1; look < LOOKS && lasting.length > 0; look += 1) {
    await page.waitForTimeout(LOOK_AGAIN_MS);
    const again = new Set(await findingsNow(page, stageName, themes));
    lasting = lasting.filter((finding) => again.has(finding));
  }
  return lasting;
}

/** Findings on the page as it is at this moment, in these themes. */
async function findingsNow(page: Page, stageName: string, themes: readonly Theme[]): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme });
    const runOnly =
      colorScheme === 'light'
        ? { type: 'tag' as const, values: TAGS }
        : { type: 'rule' as const, values: ['color-contrast'] };
    const { violations } = await page.evaluate<AxeResults, typeof runOnly>(
      (only) =>
        (globalThis as unknown as { axe: typeof import('axe-core') }).axe.run(document, {
          runOnly: only,
          rules: { 'label-content-name-mismatch': { enabled: true } },
          resultTypes: ['violations'],
        }),
      runOnly,
    );
    for (const { id, nodes } of violations)
      for (const node of nodes) found.push(`${stageName}, ${colorScheme}: ${id}: ${node.html.slice(0, 160)}`);
  }
  return found;
}

/** Buttons outside of a dialog that cannot be told apart by their names. */
const sameNames = (page: Page, stageName: string): Promise<string[]> =>
  page.evaluate((at) => {
    const names = [...document.querySelectorAll('main button')]
      .filter((button) => button.checkVisibility() && button.closest('dialog') === null)
      .map(
        (button) =>
          button.getAttribute('aria-label') ?? (button.textContent ?? '').trim().replace(/\s+/g, ' '),
      );
    return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))].map(
      (name) => `${at}: several buttons named ${name}`,
    );
  }, stageName);

const SCREENS: [string, Screen][] = [
  ['desktop in English', DESKTOP],
  ['phone in Korean', PHONE],
  ...inLongForm<[string, Screen][]>(
    [
      ['desktop in Korean', { ...DESKTOP, locale: 'ko-KR' }],
      ['phone in English', { ...PHONE, locale: 'en-GB' }],
    ],
    [],
  ),
];

describe.skipIf(requireOrSkip('chromium'))('what axe finds, in a browser', () => {
  const stage = DashboardWorld.forEachTest();

  test.each(SCREENS)(
    '[MET-33] [MET-34] nothing on any page of a %s, in either theme, nor in any dialog',
    async (_name, screen) => {
      const { server } = stage;
      const found: string[] = [];
      const words: string[] = [];
      const titles: string[] = [];
      // Colours have no language: both themes where it is English, the words where it is not.
      const themes: Theme[] = screen.locale === 'ko-KR' ? ['light'] : ['light', 'dark'];
      const page = await stage.open(screen);
      const check = async (stageName: string): Promise<void> => {
        found.push(...(await findings(page, stageName, themes)), ...(await sameNames(page, stageName)));
        if (screen.locale === 'ko-KR') words.push(...(await latinWords(page, stageName)));
        titles.push(await page.title());
      };
      const go = async (hash: string): Promise<void> => {
        await page.locator(`nav a[href="#/${hash}"]`).click();
      };
      const inDialog = async (opener: string, stageName: string): Promise<void> => {
        await page.locator(opener).first().click();
        await page.locator('dialog[open]').waitFor();
        await check(stageName);
        await page.keyboard.press('Escape');
        await page.locator('dialog').waitFor({ state: 'detached' });
      };

      await page.locator('#email').waitFor();
      await check('register');
      await page.locator('form + button, form > .quiet').last().click();
      await check('login');
      await page.locator('#email').fill('someone@example.com');
      await page.locator('#password').fill('a long enough password');
      await page.locator('button[type=submit]').click();
      await page.locator('[data-connection=live]').waitFor();
      await page.locator('[data-action=demo]').first().waitFor();
      await check('overview without an account');
      server.desk.openAccount('연습');
      await page.locator('[data-equity]').waitFor();
      await check('overview without a bot');
      await page.locator('[data-action=demo]').first().click();
      await page.locator('[data-bot][data-state=starting]').waitFor();
      server.desk.setState('bot1', 'running');
      server.desk.note('bot1', holdsAt('63993.5'));
      server.desk.enter('bot1', '0.039');
      server.desk.exit('bot1', 'stop');
      const held = server.desk.enter('bot1', '0.039');
      server.desk.emit('PositionChanged', {
        position: { ...held, symbol: 'ETHUSDT', botId: null },
        trade: null,
      });
      for (const [symbol, severity] of [
        ['BTCUSDT', 'warning'],
        ['ETHUSDT', 'critical'],
        ['SOLUSDT', 'info'],
      ] as const)
        server.desk.emit('AlertRaised', {
          alert: {
            ...{ alertId: symbol, severity, code: 'late_order', dismissible: true },
            figures: { symbol, status: 'cancelled' },
            ...{ accountId: 'acc1', botId: null, raisedAt: Date.now() },
          },
        });
      await page.locator('[data-fill=stop]').first().waitFor();
      await check('overview');
      await inDialog('[data-action=limits]', 'limits');
      await inDialog('[data-position] .actions .btn:first-child', 'move stop');
      await inDialog('[data-position] .actions .btn:last-child', 'close position');
      await inDialog('[data-action=new-bot]', 'new bot');
      await inDialog('[data-bot] [data-action=stop]', 'stop bot');
      await inDialog('.emergency', 'emergency stop');
      const limits = server.desk.view.limits.acc1;
      if (limits?.dayStart == null) throw new Error('no limits');
      const dayStart = { ...limits.dayStart, equity: dec('14000') };
      server.desk.emit('LimitChanged', { limits: { ...limits, dayStart } });
      await page.locator('[data-action=limits]').first().click();
      await page.locator('dialog input[id$="-dailyLoss"]').fill('250');
      await page.locator('[data-breaks]').waitFor();
      await check('limits that close everything');
      await page.keyboard.press('Escape');

      await page.locator('[data-bot] .name a').first().click();
      await page.locator('[data-chart=ready]').waitFor();
      await server.heard('log:bot1');
      server.log('bot1', holdsAt('63994'));
      await check('bot');
      server.desk.setState('bot1', 'stopped');
      for (const action of ['edit', 'clone', 'delete'])
        await inDialog(`[data-action=${action}]`, `${action} bot`);
      await go('bots');
      await page.locator('[data-bot]').first().waitFor();
      await check('bots');
      await go('trade');
      stage.server.denials = undefined;
      await page.locator('input[id$="-size"]').fill('0.2');
      await page.locator('input[id$="-stop"]').fill('6,0');
      await check('trade, with a problem');
      await page.locator('input[id$="-stop"]').fill('60000');
      await page.keyboard.press('Enter');
      await page.locator('[data-look]').waitFor();
      await check('trade, with a preview');
      await go('activity');
      await page.locator('table').first().waitFor();
      await check('activity');
      await go('settings');
      await page.locator('[data-device]').first().waitFor();
      await check('settings');
      await inDialog('[data-device] .btn', 'log out a device');
      server.accepting = false;
      server.cutSockets();
      await page.locator('[data-connection=offline]').waitFor();
      await check('offline');
      // A countdown in a live region would be read out each second.
      expect(await page.locator('[role=status] .retry:not([aria-hidden=true])').count()).toBe(0);
      server.accepting = true;
      await page.locator('[data-connection=live]').waitFor();
      await page.locator('.emergency').click();
      const stop = page.locator('[data-action=emergency-confirm]');
      await hold(page, stop, page.locator('[data-emergency=closing]'));
      await check('emergency stop under way');
      finishEmergency(server.desk);
      await page.locator('[data-emergency=done]').waitFor();
      await check('emergency receipt');
      await page.keyboard.press('Escape');
      await inDialog('[data-action=release]', 'release');
      expect({ found, words }).toEqual({ found: [], words: [] });
      expect(new Set(titles).size, [...new Set(titles)].join()).toBe(8);
    },
  );
});
