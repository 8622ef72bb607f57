import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { inLongForm } from '../../server/testing/longForm.ts';
import { requireOrSkip } from '../../server/testing/requireOrSkip.ts';
import { sampleError } from '../../server/testing/sampleError.ts';
import { dec } from '../../shared/domain/decimal.ts';
import { wireError } from '../../shared/protocol/errors.ts';
import { deniedError } from '../../shared/words/deniedError.ts';
import { en } from '../i18n/en.ts';
import { ko } from '../i18n/ko.ts';
import { DESKTOP, launchChromium, openDevice, PHONE, type Screen } from './browser.ts';
import { builtDashboard } from './builtDashboard.ts';
import { hold } from './dashboardWorld.ts';
import { holdsAt } from './fixtureData.ts';
import { finishEmergency } from './fixtureOps.ts';
import { FixtureServer } from './fixtureServer.ts';
import { layoutProblems } from './layout.ts';

/** Set to a folder to keep pictures of every stage, for people to look at. */
const SHOTS = process.env.FILLWIRE_SHOTS;

describe.skipIf(requireOrSkip('chromium'))('the dashboard in a browser', () => {
  let folder: string;
  let browser: Browser;
  let server: FixtureServer;
  let problems: string[] = [];

  beforeAll(async () => {
    folder = await builtDashboard();
    browser = await launchChromium();
    if (SHOTS !== undefined) mkdirSync(SHOTS, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    server = await FixtureServer.start(folder);
    problems = [];
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await server.close();
    expect(problems, 'errors in the page, its content policy included').toEqual([]);
  });

  async function open(screen: Screen): Promise<Page> {
    const opened = await openDevice(browser, server.url, screen);
    problems = opened.problems;
    return opened.page;
  }

  async function signIn(page: Page): Promise<void> {
    await page.locator('#email').fill('someone@example.com');
    await page.locator('#password').fill('a long enough password');
    await page.locator('button[type=submit]').click();
    await page.locator('[data-connection=live]').waitFor();
  }

  /** Each stage that is worth a picture also has to be in good order. */
  async function shot(page: Page, name: string): Promise<void> {
    expect(await layoutProblems(page), name).toEqual([]);
    if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  }

  test.each([
    ['desktop', DESKTOP],
    ['phone', PHONE],
    ...inLongForm([['phone-en', { ...PHONE, colorScheme: 'light', locale: 'en-GB' }]] as const, []),
  ] as const)(
    '[UI-1, UI-3, UI-14, UI-18] on a %s: register, one click, a bot that trades, its stop fires',
    async (name, screen) => {
      const page = await open(screen);
      await page.locator('#email').waitFor();
      await shot(page, `${name}-1-login`);
      await signIn(page);
      await page.locator('[data-action=demo]').first().waitFor();
      await shot(page, `${name}-2-empty`);

      await page.locator('[data-action=demo]').first().click();
      await page.locator('[data-bot][data-state=starting]').waitFor();
      const created = server.asked.find(({ op }) => op === 'bots.create');
      expect(created?.args).toMatchObject({ symbol: 'BTCUSDT', interval: '1m', allocationPct: '25' });

      server.desk.setState('bot1', 'running');
      server.desk.note('bot1', {
        code: 'waits_for_pullback',
        figures: {
          ...{ fastPeriod: 9, fast: dec('64251'), slowPeriod: 21, slow: dec('64180') },
          ...{ trend: 'rising', rsi: dec('61.2'), low: dec('25'), high: dec('50') },
        },
      });
      await page.getByText(/61\.2/).first().waitFor();
      server.desk.enter('bot1', '0.039');
      await page.locator('[data-stop=resting]').first().waitFor();
      for (const title of ['[data-bot]', '#positions-title + *', '#feed-title + *'])
        expect(await page.locator(title).first().textContent(), '[UI-18]').toMatch(/Simulated|모의/);
      await shot(page, `${name}-3-running`);
      const narrower = screen.width > 1_100 ? [1_100, 900] : [];
      for (const width of narrower) {
        await page.setViewportSize({ width, height: screen.height });
        await shot(page, `${name}-3-running-${width}`);
      }
      await page.setViewportSize({ width: screen.width, height: screen.height });

      await page.locator('[data-bot] .name a').first().click();
      await page.locator('[data-chart=ready]').waitFor();
      await server.heard('log:bot1');
      server.log('bot1', holdsAt('63286.7'));
      await page.locator('[data-note]').getByText('63,286.7').waitFor();
      await shot(page, `${name}-4-bot`);

      server.desk.exit('bot1', 'stop');
      await page.locator('[data-fill=stop]').first().waitFor();
      expect(await page.locator('.toast.warn').count(), '[MET-23] what is routine is in the feed only').toBe(
        0,
      );
      await shot(page, `${name}-5-stopped-out`);

      await page.locator('nav a[href="#/activity"]').click();
      await page.locator('[data-fill=stop]').waitFor();
      await shot(page, `${name}-6-activity`);
    },
  );

  test('[UI-5] says stopping, with what it waits for, and stopped only when told', async () => {
    const page = await open(DESKTOP);
    await signIn(page);
    server.desk.openAccount('Simulated');
    await page.locator('[data-action=demo]').first().click();
    await page.locator('[data-bot][data-state=starting]').waitFor();
    server.desk.setState('bot1', 'running');
    await page.locator('[data-bot] [data-action=stop]').click();
    expect(await page.locator('dialog').textContent(), 'nothing to close or keep').not.toMatch(
      /position and stop|keep/,
    );
    await page.keyboard.press('Escape');
    server.desk.enter('bot1', '0.039');
    await page.locator('[data-bot] [data-action=stop]').click();
    await shot(page, 'desktop-7-stop-dialog');
    await page.locator('[data-action=stop-close]').click();
    await page.locator('[data-bot][data-state=stopping]').waitFor();
    await page.getByText('Asks the venue whether anything is left open').waitFor();
    expect(await page.locator('[data-state=stopped]').count()).toBe(0);
    server.desk.exit('bot1', 'bot_stop');
    server.desk.setState('bot1', 'stopped');
    await page.locator('[data-bot][data-state=stopped]').waitFor();
  });

  test.each([
    ['desktop', { ...DESKTOP, colorScheme: 'dark' as const }],
    ['phone', { ...PHONE, colorScheme: 'light' as const }],
  ])('[UI-6] emergency stop on a %s: what will close, stages, receipt, release', async (name, screen) => {
    const page = await open(screen);
    await signIn(page);
    await page.locator('[data-action=demo]').first().click();
    await page.locator('[data-bot][data-state=starting]').waitFor();
    server.desk.setState('bot1', 'running');
    server.desk.enter('bot1', '0.039');
    await page.locator('[data-position]').waitFor();
    await page.locator('.emergency').click();
    await page.locator('dialog li', { hasText: 'BTCUSDT' }).first().waitFor();
    const unread = /the venue does not answer|거래소가 응답하지 않습니다/;
    await page.locator('dialog [role=alert]', { hasText: unread }).waitFor();
    await shot(page, `${name}-8-emergency`);
    server.refusals.set('emergency.stop', sampleError('unavailable', 'The store is away'));
    const stop = page.locator('[data-action=emergency-confirm]');
    // In Korean what the refusal is, without the server's English sentence.
    const refused = screen.locale === 'ko-KR' ? '지금은 처리할 수 없습니다' : 'The store is away';
    await hold(page, stop, page.locator('dialog .refusal', { hasText: refused }));
    await shot(page, `${name}-8-emergency-refused`);
    await hold(page, stop, page.locator('[data-emergency=closing]'));
    finishEmergency(server.desk);
    await page.locator('[data-emergency=done]').waitFor();
    await shot(page, `${name}-9-receipt`);
    await page.keyboard.press('Escape');
    await page.locator('[data-action=release]').click();
    await page.locator('[data-action=release-confirm]').click();
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.querySelector('[data-action=release]') === null);
    expect(server.desk.view.accounts.acc1?.latch).toBeNull();
  });

  test('[UI-2] shows a cut, the countdown to the next attempt, and what happened meanwhile', async () => {
    const page = await open(DESKTOP);
    await signIn(page);
    await page.locator('[data-action=demo]').first().click();
    await page.locator('[data-bot][data-state=starting]').waitFor();
    server.accepting = false;
    server.cutSockets();
    await page.locator('[data-connection=offline]').waitFor();
    server.desk.setState('bot1', 'running');
    await page.setViewportSize({ width: 390, height: 844 });
    await shot(page, 'phone-10-offline');
    server.accepting = true;
    await page.locator('[data-connection=live]').waitFor();
    await page.locator('[data-bot][data-state=running]').waitFor();
  });

  test('[UI-4, UI-7] the form follows the strategy, refuses bad values, tells a denial with its figures', async () => {
    const page = await open(DESKTOP);
    await signIn(page);
    server.desk.openAccount('Simulated');
    await page.locator('[data-action=new-bot]').click();
    const dialog = page.locator('dialog');
    await dialog.getByText('momentum', { exact: false }).first().click();
    await dialog.getByLabel('Stop loss').fill('900');
    await dialog.getByText('Must be at most 20.').waitFor();
    await shot(page, 'desktop-11-create-problem');
    expect(await dialog.locator('button[type=submit]').isDisabled()).toBe(true);
    await dialog.getByLabel('Stop loss').fill('2.5');
    server.refusals.set(
      'bots.create',
      deniedError([{ limit: 'bots_per_user', figures: { actual: 10, allowed: 10 } }]),
    );
    await dialog.locator('button[type=submit]').click();
    await dialog.getByText('You have 10 bots, the most allowed is 10').waitFor();
    await dialog.locator('button[type=submit]').click();
    await page.locator('[data-chart=ready]').waitFor();
    expect(server.asked.filter(({ op }) => op === 'bots.create').at(-1)?.args).toMatchObject({
      params: { stopLossPct: 2.5 },
    });
  });

  test('[UI-3, UI-11] a position moves its stop and closes from its row', async () => {
    const page = await open(DESKTOP);
    await signIn(page);
    await page.locator('[data-action=demo]').first().click();
    await page.locator('[data-bot][data-state=starting]').waitFor();
    server.desk.setState('bot1', 'running');
    server.desk.enter('bot1', '0.039');
    const row = page.locator('[data-position=BTCUSDT]');
    await row.getByRole('button', { name: 'Move stop' }).click();
    await page.locator('dialog input').fill('not a price');
    expect(await page.locator('dialog button[type=submit]').isDisabled()).toBe(true);
    await page.locator('dialog input').fill('63000.10');
    server.refusals.set(
      'positions.setStop',
      deniedError([
        {
          limit: 'stop_liquidation',
          figures: {
            ...{ of: 'this', bound: 'above', liquidation: dec('63100') },
            ...{ actual: dec('63000.1'), allowed: dec('63200') },
          },
        },
      ]),
    );
    await page.locator('dialog button[type=submit]').click();
    await page.locator('dialog [role=alert]', { hasText: 'behind the liquidation price' }).waitFor();
    await page.locator('dialog button[type=submit]').click();
    await page.locator('dialog').waitFor({ state: 'detached' });
    await row.getByRole('button', { name: 'Close' }).click();
    await page.locator('dialog .btn.danger').click();
    await page.locator('dialog').waitFor({ state: 'detached' });
    await expect
      .poll(() => server.asked.filter(({ op }) => op.startsWith('positions.')))
      .toEqual([
        ...Array(2).fill({
          op: 'positions.setStop',
          args: { accountId: 'acc1', symbol: 'BTCUSDT', triggerPrice: '63000.1' },
        }),
        { op: 'positions.close', args: { accountId: 'acc1', symbol: 'BTCUSDT' } },
      ]);
    server.desk.exit('bot1', 'signal');
    await row.waitFor({ state: 'detached' });
  });

  test.each([
    ['desktop', { ...DESKTOP, colorScheme: 'dark' as const }],
    ['phone', PHONE],
  ])(
    '[UI-19] on a %s: limits are set, what waits for midnight says so, a meter shows what is used',
    async (name, screen) => {
      const page = await open(screen);
      await signIn(page);
      server.desk.openAccount('Simulated');
      await page.locator('[data-action=limits]').click();
      const field = (limit: string) => page.locator(`dialog input[id$="-${limit}"]`);
      await field('dailyLoss').fill('-5');
      await page.locator('dialog .problem:not(:empty)').waitFor();
      expect(await page.locator('dialog button[type=submit]').isDisabled()).toBe(true);
      await field('dailyLoss').fill('250');
      await field('maxPositions').fill('12');
      await shot(page, `${name}-15-limits`);
      await page.locator('dialog button[type=submit]').click();
      await page.locator('dialog').waitFor({ state: 'detached' });
      await page.locator('[data-limit=dailyLoss]').waitFor();
      await shot(page, `${name}-16-limit-meter`);
      expect(server.asked.filter(({ op }) => op === 'limits.set')).toEqual([
        { op: 'limits.set', args: { accountId: 'acc1', values: { dailyLoss: '250', maxPositions: 12 } } },
      ]);
      await page.locator('[data-action=limits]').click();
      await page.getByText(/^(Until midnight|자정까지): 5$/).waitFor();
      await page.keyboard.press('Escape');
      await page.locator('nav a[href="#/settings"]').click();
      await page.locator('[data-limits="book:simulated"]').waitFor();
      await shot(page, `${name}-22-settings-limits`);
    },
  );

  test.each([
    ['desktop', DESKTOP],
    ['phone', PHONE],
  ])('[UI-20] on a %s: activity that is not ours is told, with both ways out', async (name, screen) => {
    const page = await open(screen);
    await signIn(page);
    server.desk.openAccount('Simulated');
    const tell = () => {
      const account = server.desk.view.accounts.acc1;
      if (account === undefined) throw new Error('no account');
      const figures = { side: 'buy', size: dec('0.2'), symbol: 'ETHUSDT' } as const;
      const foreign = { found: { code: 'order', figures }, since: Date.now() } as const;
      server.desk.emit('ForeignActivity', { account: { ...account, foreign } });
    };
    for (const decision of ['adopt', 'ignore'] as const) {
      tell();
      await page.getByText(/ETHUSDT (매수|buy)|buy 0\.2 ETHUSDT/).waitFor();
      if (decision === 'adopt') await shot(page, `${name}-17-foreign`);
      await page.locator(`[data-action=foreign-${decision}]`).click();
      await page.locator('[data-action=foreign-adopt]').waitFor({ state: 'detached' });
    }
    expect(server.asked.filter(({ op }) => op === 'accounts.resolveForeign')).toEqual([
      { op: 'accounts.resolveForeign', args: { accountId: 'acc1', decision: 'adopt' } },
      { op: 'accounts.resolveForeign', args: { accountId: 'acc1', decision: 'ignore' } },
    ]);
  });

  test('[FOUND-24] [UI-8] news is dismissed with the keyboard where all alerts are; a condition has no button', async () => {
    const page = await open(DESKTOP);
    await signIn(page);
    const accountId = server.desk.openAccount('Simulated');
    const about = { severity: 'warning', accountId, botId: null, raisedAt: Date.now() } as const;
    const alerts = [
      {
        ...{ ...about, alertId: 'n', dismissible: true, code: 'late_order' as const },
        figures: { symbol: 'BTCUSDT', status: 'cancelled' },
      },
      {
        ...{ ...about, alertId: 'c', dismissible: false, code: 'ledger_mismatch' as const },
        figures: { of: 'balance', theirs: dec('1'), ours: dec('2'), coin: 'USDT' },
      },
    ] as const;
    for (const alert of alerts) server.desk.emit('AlertRaised', { alert });
    await page.locator('nav a[href="#/activity"]').click();
    const list = page.locator('section[aria-labelledby=alerts-title]');
    await list.getByText('Our books differ').waitFor();
    const buttons = list.locator('[data-action=dismiss-alert]');
    expect(await buttons.count()).toBe(1);
    expect(await buttons.getAttribute('aria-label')).toContain('turned up at the venue');
    await shot(page, 'desktop-23-alerts');
    await buttons.focus();
    await page.keyboard.press('Enter');
    await buttons.waitFor({ state: 'detached' });
    expect(await list.getByText('Our books differ').count()).toBe(1);
    expect(server.asked.filter(({ op }) => op === 'alerts.dismiss')).toEqual([
      { op: 'alerts.dismiss', args: { alertId: 'n' } },
    ]);
  });

  test.each([
    ['desktop', DESKTOP],
    ['phone', PHONE],
  ])('[UI-21] on a %s: a bot is copied, all are started and stopped at once', async (name, screen) => {
    const page = await open(screen);
    await signIn(page);
    await page.locator('[data-action=demo]').first().click();
    await page.locator('[data-bot][data-state=starting]').waitFor();
    server.desk.setState('bot1', 'stopped');
    await page.locator('[data-bot] .name a').first().click();
    await page.locator('[data-action=clone]').click();
    await shot(page, `${name}-18-copy`);
    await page.locator('dialog button[type=submit]').click();
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.locator('nav a[href="#/bots"]').click();
    await expect.poll(() => page.locator('[data-bot]').count()).toBe(2);
    await page.locator('[data-action=start-all]').click();
    await expect.poll(() => page.locator('[data-bot][data-state=starting]').count()).toBe(2);
    await page.locator('[data-action=stop-all]').click();
    await shot(page, `${name}-19-stop-all`);
    await page.locator('[data-action=stop-hold]').click();
    await expect.poll(() => page.locator('[data-bot][data-state=stopping]').count()).toBe(2);
    await shot(page, `${name}-20-bots`);
    expect(server.asked.filter(({ op }) => op === 'bots.stopAll')).toEqual([
      { op: 'bots.stopAll', args: { positions: 'hold' } },
    ]);
  });

  test('[UI-22] a server that can store nothing says so until it can', async () => {
    const page = await open(PHONE);
    await signIn(page);
    server.desk.openAccount('Simulated');
    server.push({
      ch: 'session',
      kind: 'server.degraded',
      ts: Date.now(),
      data: { since: Date.now(), reason: 'store_unreachable' },
    });
    await page.locator('[data-degraded=store_unreachable]').waitFor();
    await shot(page, 'phone-21-degraded');
    server.push({ ch: 'session', kind: 'server.recovered', ts: Date.now(), data: { awayMs: 60_000 } });
    await page.locator('[data-degraded]').waitFor({ state: 'detached' });
  });

  test('[UI-22] [FOUND-11] a desk that a fault keeps from being served says so, and what works meanwhile', async () => {
    const page = await open(PHONE);
    await signIn(page);
    server.desk.openAccount('Simulated');
    for (const reason of ['desk_stuck', 'desk_halted'] as const) {
      const data = { since: Date.now(), reason };
      server.push({ ch: 'session', kind: 'desk.trouble', ts: Date.now(), data });
      await page.locator(`[data-trouble=${reason}]`).waitFor();
    }
    server.push({ ch: 'session', kind: 'desk.recovered', ts: Date.now(), data: {} });
    await page.locator('[data-trouble]').waitFor({ state: 'detached' });
  });

  test('[UI-7] a refused start is told on the page, and the loser of a race hears who was first', async () => {
    const page = await open(DESKTOP);
    await signIn(page);
    server.desk.openAccount('Simulated');
    server.refusals.set(
      'bots.start',
      wireError('version_conflict', 'the bot is at version 3', {
        expected: 2,
        actual: 3,
        changedBy: { deviceId: 'd2', action: 'pause', at: 1 },
      }),
    );
    await page.locator('[data-action=demo]').first().click();
    await page.getByText('Changed first: pause by another device.', { exact: false }).waitFor();
    await shot(page, 'desktop-14-conflict');
  });

  test.each([
    ['English', DESKTOP],
    ['Korean', { ...DESKTOP, locale: 'ko-KR' }],
  ] as const)(
    '[UI-16] the first load in %s is small, and neither the chart library nor another language is in it',
    async (_language, screen) => {
      const page = await open(screen);
      await page.locator('#email').waitFor();
      await page.waitForLoadState('networkidle');
      const paths = await page.evaluate(() =>
        performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname),
      );
      const scripts = [...new Set(paths.filter((path) => path.endsWith('.js')))].map((path) =>
        readFileSync(join(folder, path)),
      );
      const bytes = scripts.map((script) => gzipSync(script).length).reduce((a, b) => a + b, 0);
      expect(scripts.length).toBeGreaterThan(0);
      expect(bytes).toBeLessThanOrEqual(120 * 1_024);
      const holds = (words: string): boolean => scripts.some((script) => script.toString().includes(words));
      expect(holds('TradingView')).toBe(false);
      expect([holds(en['auth.ended']), holds(ko['auth.ended'])]).toEqual(
        screen.locale === 'ko-KR' ? [false, true] : [true, false],
      );
    },
  );

  test('[UI-8] dialogs keep the focus, close on Escape and give the focus back', async () => {
    const page = await open(DESKTOP);
    await signIn(page);
    const button = page.locator('.emergency');
    await button.focus();
    await page.keyboard.press('Enter');
    await page.locator('dialog').waitFor();
    for (let press = 0; press < 6; press += 1) await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('main') === null)).toBe(true);
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  test('[UI-9] language and theme follow the device until chosen, and the choice stays', async () => {
    const page = await open({ ...PHONE, colorScheme: 'light' });
    await signIn(page);
    expect(await page.locator('html').getAttribute('lang')).toBe('ko');
    await page.locator('nav a[href="#/settings"]').click();
    await shot(page, 'phone-12-settings');
    await page.getByRole('button', { name: 'English' }).click();
    await page.locator('#pick-theme').selectOption('dark');
    await page.reload();
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await page.locator('[data-device]').first().waitFor();
    await shot(page, 'phone-12-settings-en');
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  });

  test('[UI-9] a language that cannot be fetched says so, and can be chosen again', async () => {
    const page = await open(DESKTOP);
    await signIn(page);
    await page.locator('nav a[href="#/settings"]').click();
    await page.route('**/assets/korean-*.js', (route) => route.abort('connectionfailed'));
    const korean = page.getByRole('button', { name: '한국어' });
    await korean.click();
    await page.locator('[role=alert]', { hasText: 'could not be loaded' }).waitFor();
    expect(await korean.getAttribute('aria-pressed')).toBe('false');
    await page.unroute('**/assets/korean-*.js');
    await korean.click();
    await page.getByRole('heading', { name: '설정' }).waitFor();
    await page.locator('main [role=alert]').waitFor({ state: 'detached' });
  });

  test.each([
    ['desktop', DESKTOP],
    ['phone', PHONE],
  ] as const)(
    '[UI-10] [FOUND-5] on a %s: an order is previewed with what it does, its cost and denials before it is sent',
    async (name, screen) => {
      const page = await open(screen);
      await signIn(page);
      server.desk.openAccount('Simulated');
      await page.locator('nav a[href="#/trade"]').click();
      await page.locator('input[id$="-size"]').fill('0.2');
      await page.getByRole('button', { name: /^(Preview|미리 보기)$/ }).click();
      await page.locator('[role=alert]').waitFor();
      await page.getByText(/Adds to the position|포지션을 늘립니다/).waitFor();
      await page.getByText(/(Long|롱) 0\.4/).waitFor();
      await shot(page, `${name}-13-ticket`);
      expect(server.asked.filter(({ op }) => op === 'orders.submit')).toEqual([
        {
          op: 'orders.submit',
          args: expect.objectContaining({ preview: true, size: '0.2', reduceOnly: false }),
        },
      ]);
    },
  );
});
