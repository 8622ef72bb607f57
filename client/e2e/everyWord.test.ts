import { describe, expect, test } from 'vitest';
import { requireOrSkip } from '../../server/testing/requireOrSkip.ts';
import { sampleError } from '../../server/testing/sampleError.ts';
import { breachSchema } from '../../shared/domain/account.ts';
import { latchReasonSchema } from '../../shared/domain/accountStatus.ts';
import { ALERT_CODES, type Alert } from '../../shared/domain/alert.ts';
import { BOT_NOTES } from '../../shared/domain/botNote.ts';
import { because } from '../../shared/domain/cause.ts';
import { dec } from '../../shared/domain/decimal.ts';
import { ERROR_CODES, type ErrorCode, wireError } from '../../shared/protocol/errors.ts';
import { denialSamples, samplesOf } from '../../shared/words/samples.ts';
import { DESKTOP, type Screen } from './browser.ts';
import { DashboardWorld, hold } from './dashboardWorld.ts';
import { INSTRUMENTS } from './fixtureData.ts';
import { finishEmergency } from './fixtureOps.ts';
import { hangul, latinIn, latinWords } from './latinWords.ts';

/** Refusals that end the session, or that the SDK asks again after before anybody hears of them. */
const UNTOLD: ReadonlySet<ErrorCode> = new Set([
  ...(['unauthenticated', 'unavailable', 'exchange_unavailable'] as const),
  ...(['rate_limited', 'unknown_outcome'] as const),
]);
const KOREAN: Screen = { ...DESKTOP, locale: 'ko-KR' };

describe.skipIf(requireOrSkip('chromium'))('whatever the server tells, in a browser', () => {
  const world = DashboardWorld.forEachTest();

  test('[MET-34] is Korean on a Korean screen: every alert, note, log line, reason, denial and refusal', async () => {
    const page = await world.enterWithBot(KOREAN);
    const { server } = world;
    const { desk } = server;
    const words: string[] = [];
    const account = () => {
      const known = desk.view.accounts.acc1;
      if (known === undefined) throw new Error('no account');
      return known;
    };
    desk.emit('AccountChanged', { account: { ...account(), name: '연습' } });
    const go = (hash: string) => page.locator(`nav a[href="#/${hash}"]`).click();
    const look = async (stage: string) => void words.push(...(await latinWords(page, stage)));

    // Alerts: all of them in the list of the activity page.
    const about = { severity: 'warning', accountId: 'acc1', botId: null, dismissible: true } as const;
    for (const told of samplesOf('alert')) {
      const alert: Alert = { ...about, ...told, alertId: told.code, raisedAt: Date.now() };
      desk.emit('AlertRaised', { alert });
    }
    await go('activity');
    const rows = page.locator('section[aria-labelledby=alerts-title] li');
    await expect.poll(() => rows.count()).toBe(ALERT_CODES.length);
    await look('alerts');
    for (const alertId of ALERT_CODES) desk.emit('AlertResolved', { alertId });

    // Notes and log lines.
    await go('bots');
    await page.locator('[data-bot] .name a').first().click();
    await page.locator('[data-chart=ready]').waitFor();
    for (const note of samplesOf('note')) server.log('bot1', note);
    const lines = page.locator('[aria-labelledby=log-title] li');
    await expect.poll(() => lines.count()).toBe(Object.keys(BOT_NOTES).length);
    await look('log');

    // Why a bot, and an account, are as they are.
    await go('bots');
    const why = page.locator('[data-bot] [data-why]');
    for (const reason of samplesOf('botReason')) {
      const before = await why.textContent();
      desk.setState('bot1', reason.code === 'emergency' ? 'halted' : 'error', reason);
      await expect.poll(() => why.textContent()).not.toBe(before);
      await look(`reason ${reason.code}`);
    }
    for (const statusReason of samplesOf('cause')) {
      desk.emit('AccountChanged', { account: { ...account(), status: 'unreachable', statusReason } });
      await page.locator('.strip', { hasText: '거래소가 응답하지 않습니다' }).waitFor();
      await look(`cause ${statusReason.code}`);
    }
    desk.emit('AccountChanged', { account: { ...account(), status: 'ready', statusReason: null } });
    for (const reason of latchReasonSchema.options) {
      desk.emit('AccountChanged', { account: { ...account(), latch: { reason, since: Date.now() } } });
      await page.locator('[data-action=release]').waitFor();
      await look(`latch ${reason}`);
    }
    desk.emit('AccountChanged', { account: { ...account(), latch: null } });
    for (const found of samplesOf('foreign')) {
      desk.emit('ForeignActivity', { account: { ...account(), foreign: { found, since: Date.now() } } });
      await page.locator('[data-action=foreign-adopt]').waitFor();
      await look(`foreign ${found.code}`);
    }
    desk.emit('AccountChanged', { account: { ...account(), foreign: null } });

    // What denies an order, all at once.
    await go('trade');
    server.denials = denialSamples();
    await page.locator('input[id$="-size"]').fill('0.2');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.refusal p').count()).toBe(denialSamples().length);
    await look('denials');

    // Refusals of every code, as messages.
    await go('bots');
    desk.setState('bot1', 'running');
    const pause = page.locator('[data-bot] [data-action=pause]');
    for (const code of ERROR_CODES.filter((one) => !UNTOLD.has(one))) {
      server.refusals.set('bots.pause', sampleError(code, 'An English sentence of the server.'));
      await pause.click();
      const toast = page.locator('.toast').last();
      await toast.waitFor();
      await look(`refusal ${code}`);
      await page.evaluate(() => {
        for (const button of document.querySelectorAll<HTMLElement>('.toast .btn')) button.click();
      });
      await page.locator('.toast').waitFor({ state: 'detached' });
    }
    expect(words).toEqual([]);
  });

  test('[MET-34] is Korean in passing too: messages, notices, dialogs and receipts', async () => {
    const page = await world.enterWithBot(KOREAN);
    const { server } = world;
    const { desk } = server;
    const words: string[] = [];
    const look = async (stage: string) => void words.push(...(await latinWords(page, stage)));
    const account = desk.view.accounts.acc1;
    const limits = desk.view.limits.acc1;
    const position = Object.values(desk.view.positions)[0];
    if (account === undefined || limits === undefined || position === undefined) throw new Error('no desk');
    desk.emit('AccountChanged', { account: { ...account, name: '연습' } });
    const closeDialog = async (): Promise<void> => {
      await page.keyboard.press('Escape');
      await page.locator('dialog').waitFor({ state: 'detached' });
    };

    // What is said aloud the moment it happens.
    const message = page.locator('.toast').last();
    const says = async (stage: string, happen: () => void): Promise<void> => {
      const before = await page.locator('.toast').allTextContents();
      happen();
      await expect.poll(() => page.locator('.toast').allTextContents()).not.toEqual(before);
      words.push(...latinIn(stage, (await message.textContent()) ?? ''));
    };
    for (const reason of samplesOf('cause'))
      await says(`stop failed, ${reason.code}`, () => desk.emit('StopFailed', { position, reason }));
    await says('unprotected', () => desk.emit('Unprotected', { position, ms: 65_000 }));

    // Broken limits, of the account and of its book.
    const ofBook = { ...limits, accountId: 'book:simulated', book: 'simulated' as const };
    for (const scope of [limits, ofBook])
      for (const limit of breachSchema.shape.limit.options) {
        const figures = { actual: dec('7'), allowed: dec('5'), ts: Date.now() };
        const breach = { limit, ...figures, policy: 'hold' as const, windowMs: 3_600_000 };
        await says(`limit, ${limit}`, () =>
          desk.emit('LimitBreached', { limits: { ...scope, breaches: [breach] } }),
        );
        await page.locator(`[data-breach=${limit}]`).first().waitFor();
        await look(`limit, ${limit}`);
        if (limit === 'daily_loss') continue;
        await page.locator('[data-action=release-breach]').last().click();
        await page.locator('dialog[open]').waitFor();
        await look(`release of ${limit}`);
        await closeDialog();
      }
    for (const scope of [limits, ofBook]) desk.emit('LimitChanged', { limits: { ...scope, breaches: [] } });

    // What stands at the top of every page.
    server.setMarkets({
      instruments: INSTRUMENTS.map((each) =>
        each.symbol === 'BTCUSDT' ? { ...each, status: 'ended' } : each,
      ),
      standstills: [],
    });
    await page.locator('[data-market=ended]').waitFor();
    await look('a market that ended');
    server.setMarkets({
      instruments: INSTRUMENTS,
      standstills: [{ symbol: 'BTCUSDT', since: Date.now() }],
    });
    await page.locator('[data-market=still]').waitFor();
    await look('a market that stands still');
    const since = Date.now();
    for (const reason of ['desk_stuck', 'desk_halted'] as const) {
      server.push({ ch: 'session', kind: 'desk.trouble', ts: since, data: { since, reason } });
      await page.locator(`[data-trouble=${reason}]`).waitFor();
      await look(reason);
    }
    const away = { since, reason: 'store_unreachable' } as const;
    server.push({ ch: 'session', kind: 'server.degraded', ts: since, data: away });
    await page.locator('[data-degraded]').waitFor();
    await look('degraded');

    // What all bots at once are refused.
    const others = samplesOf('botReason').map((why, index) => [`bot${index + 2}`, why] as const);
    desk.notStarted = Object.fromEntries(others);
    await page.locator('nav a[href="#/bots"]').click();
    const config = { ...desk.bot('bot1'), params: {} };
    for (const [botId] of others) expect(desk.createBot({ ...config, name: '봇' })).toBe(botId);
    await expect.poll(() => page.locator('[data-bot]').count()).toBe(others.length + 1);
    desk.setState('bot1', 'stopped');
    await page.locator('[data-action=start-all]').click();
    await page.locator('.toast', { hasText: '봇: ' }).waitFor();
    words.push(...latinIn('not started', (await message.textContent()) ?? ''));

    // The emergency stop: a venue that is not read, and a receipt that leaves something for every cause.
    for (const cause of [because('unreachable', {}), because('no_venue', { venue: '1' })]) {
      desk.unread = cause;
      await page.locator('.emergency').click();
      await page.locator('dialog li', { hasText: 'BTCUSDT' }).first().waitFor();
      await look(`emergency stop, ${cause.code}`);
      await closeDialog();
    }
    await page.locator('.emergency').click();
    await hold(
      page,
      page.locator('[data-action=emergency-confirm]'),
      page.locator('[data-emergency=closing]'),
    );
    finishEmergency(desk);
    const receipt = desk.view.emergencies.at(-1);
    if (receipt === undefined) throw new Error('no receipt');
    const residual = samplesOf('cause').map((why, index) => ({
      ...{ accountId: 'acc1', symbol: 'BTCUSDT', size: dec('1'), why, orderId: `o${index}` },
      closedAt: Date.now(),
    }));
    desk.emit('EmergencyReceipt', { emergency: { ...receipt, by: 'admin', residual } });
    await expect.poll(() => page.locator('.verdict.open p').count()).toBe(residual.length);
    await look('receipt');
    await closeDialog();

    // A cut, and a server that was updated meanwhile.
    server.viewVersion += 1;
    server.accepting = false;
    server.cutSockets();
    await page.locator('[data-cut]').waitFor();
    await look('cut');
    server.accepting = true;
    await page.locator('[data-outdated]').waitFor();
    await look('outdated');
    expect(words).toEqual([]);
  });

  test('[MET-34] is Korean at the door: every refusal of a login', async () => {
    const page = await world.open(KOREAN);
    const { server } = world;
    const words: string[] = [];
    await page.locator('#email').fill('someone@example.com');
    await page.locator('#password').fill('a long enough password');
    await page.locator('form + button, form > .quiet').last().click();
    for (const code of ERROR_CODES) {
      server.loginRefusal = sampleError(code, 'An English sentence of the server.');
      await page.locator('button[type=submit]').click();
      await page.locator('.refusal').waitFor();
      words.push(...(await latinWords(page, `login, ${code}`)));
      await page.locator('form + button, form > .quiet').last().click();
      await page.locator('.refusal').waitFor({ state: 'detached' });
      await page.locator('form + button, form > .quiet').last().click();
    }
    expect(words).toEqual([]);
  });

  test('[MET-34] is told in the language of whoever reads it, from the same codes', async () => {
    const page = await world.enter(DESKTOP);
    const { server } = world;
    const { desk } = server;
    const accountId = desk.openAccount('1');
    const about = { severity: 'critical', accountId, botId: null, dismissible: false } as const;
    for (const told of samplesOf('alert')) {
      const alert: Alert = { ...about, ...told, alertId: told.code, raisedAt: Date.now() };
      desk.emit('AlertRaised', { alert });
    }
    server.denials = denialSamples();
    /** Each line that tells something, wherever it stands. */
    const told = async (): Promise<string[]> => {
      await page.locator('nav a[href="#/activity"]').click();
      const alerts = page.locator('section[aria-labelledby=alerts-title] li p');
      await expect.poll(() => alerts.count()).toBe(ALERT_CODES.length);
      const lines = await alerts.allTextContents();
      await page.locator('nav a[href="#/trade"]').click();
      await page.locator('input[id$="-size"]').fill('0.2');
      await page.keyboard.press('Enter');
      const denials = page.locator('.refusal p');
      await expect.poll(() => denials.count()).toBe(denialSamples().length);
      return [...lines, ...(await denials.allTextContents())];
    };
    const english = await told();
    expect(await hangul(page, 'English')).toEqual([]);
    expect(english.filter((line) => /[가-힣]/.test(line))).toEqual([]);
    await page.locator('nav a[href="#/settings"]').click();
    await page.getByRole('button', { name: '한국어' }).click();
    await page.getByRole('heading', { name: '설정' }).waitFor();
    const korean = await told();
    expect(korean.length).toBe(english.length);
    expect(korean.filter((line) => !/[가-힣]/.test(line))).toEqual([]);
    expect(english).toContainEqual(
      expect.stringContaining('The venue liquidated 1,234.5 of your long position in BTCUSDT at 1,234.5'),
    );
    expect(korean).toContainEqual(
      expect.stringContaining('거래소가 BTCUSDT 롱 포지션 1,234.5을(를) 1,234.5에 강제 청산했습니다'),
    );
  });

  test.each([
    ['English', DESKTOP, (code: string) => new RegExp(`told by a newer version: “${code}”`, 'i')],
    ['Korean', KOREAN, (code: string) => new RegExp(`더 새로운 버전의 알림\\(“${code}”\\)`)],
  ] as const)(
    '[MET-34] a code that only a newer server knows is told as such in %s, and nothing breaks',
    async (_language, screen, newer) => {
      const page = await world.enterWithBot(screen);
      const { server } = world;
      const { desk } = server;
      const account = desk.view.accounts.acc1;
      if (account === undefined) throw new Error('no account');
      /** As no type of today allows it. */
      const unknown = (code: string) => ({ code, figures: { venus: '1' } }) as never;
      const shown = (code: string) => page.getByText(newer(code)).first().waitFor();
      const about = { severity: 'warning', accountId: 'acc1', botId: null, dismissible: true } as const;
      const raise = (alertId: string, told: object) =>
        desk.emit('AlertRaised', { alert: { ...about, ...told, alertId, raisedAt: Date.now() } as Alert });
      raise('a', unknown('alert_of_tomorrow'));
      await shown('alert_of_tomorrow');
      raise('b', {
        code: 'stop_failed',
        figures: { symbol: 'BTCUSDT', cause: unknown('cause_of_tomorrow') },
      });
      await shown('cause_of_tomorrow');
      raise('c', { code: 'emergency_residual', figures: {} });
      await expect.poll(() => page.locator('.strip .alert', { hasText: '–' }).count()).toBe(1);
      desk.note('bot1', unknown('note_of_tomorrow'));
      await shown('note_of_tomorrow');
      desk.setState('bot1', 'error', unknown('reason_of_tomorrow'));
      await shown('reason_of_tomorrow');
      desk.setState('bot1', 'dreaming' as never);
      await page.locator('[data-bot] [data-state]', { hasText: 'dreaming' }).first().waitFor();
      desk.emit('AccountChanged', {
        account: { ...account, latch: { reason: 'moon' as never, since: Date.now() } },
      });
      await page.locator('.strip', { hasText: 'moon' }).waitFor();
      const found = unknown('activity_of_tomorrow');
      desk.emit('ForeignActivity', { account: { ...account, foreign: { found, since: Date.now() } } });
      await shown('activity_of_tomorrow');
      desk.setState('bot1', 'running');
      const denial = { limit: 'limit_of_tomorrow', figures: {} } as never;
      server.refusals.set('bots.pause', wireError('denied', 'denied', { denials: [denial] }));
      await page.locator('[data-bot] [data-action=pause]').click();
      await page.locator('.toast', { hasText: newer('limit_of_tomorrow') }).waitFor();
      server.refusals.set('bots.pause', {
        ...sampleError('internal', 'An English sentence of the server.'),
        code: 'error_of_tomorrow' as never,
      });
      await page.locator('[data-bot] [data-action=pause]').click();
      await page.locator('.toast', { hasText: /Something went wrong|서버에서 문제가/ }).waitFor();
      server.denials = [denial];
      await page.locator('nav a[href="#/trade"]').click();
      await page.locator('input[id$="-size"]').fill('0.2');
      await page.keyboard.press('Enter');
      await shown('limit_of_tomorrow');
    },
  );
});
