import { describe, expect, test } from 'vitest';
import { requireOrSkip } from '../../server/testing/requireOrSkip.ts';
import { sampleError } from '../../server/testing/sampleError.ts';
import { dec } from '../../shared/domain/decimal.ts';
import { DESKTOP, PHONE } from './browser.ts';
import { DashboardWorld, FEW_SCREENS } from './dashboardWorld.ts';

describe.skipIf(requireOrSkip('chromium'))('small truths, in a browser', () => {
  const stage = DashboardWorld.forEachTest();

  test.each(FEW_SCREENS)(
    '[MET-31] on a %s: the overview lists devices that are there, and counts the others',
    async (name, screen) => {
      stage.server.devicesAway = 21;
      const page = await stage.enter(screen);
      await page.locator('[data-device]').first().waitFor();
      expect(await page.locator('[data-device=away]').count()).toBe(0);
      const more = page.locator('[data-more-devices]');
      expect(await more.textContent()).toContain('21');
      await stage.shot(page, `${name}-31-devices`);
      await more.click();
      await expect.poll(() => page.locator('[data-device=away]').count()).toBe(21);
    },
  );

  test.each([
    ['en', { ...PHONE, locale: 'en-GB' }, 'Email or password is wrong.'],
    ['ko', PHONE, '이메일 또는 비밀번호가 맞지 않습니다.'],
  ] as const)('[MET-31] a wrong password is told as one (%s)', async (_language, screen, said) => {
    stage.server.loginRefusal = sampleError('unauthenticated', 'email or password is wrong');
    const page = await stage.open(screen);
    await page.locator('form > .quiet').click();
    await page.locator('#email').fill('someone@example.com');
    await page.locator('#password').fill('not the right one');
    await page.locator('button[type=submit]').click();
    const refusal = page.locator('[role=alert]');
    await refusal.waitFor();
    expect((await refusal.textContent())?.trim()).toBe(said);
  });

  test('[MET-31] no message of the desk stays when its session has ended', async () => {
    const page = await stage.enter(DESKTOP);
    await page.locator('[data-action=demo]').first().click();
    await page.locator('[data-bot][data-state=starting]').waitFor();
    stage.server.desk.setState('bot1', 'running');
    stage.server.refusals.set('bots.pause', sampleError('unavailable'));
    await page.locator('[data-bot] [data-action=pause]').click();
    await page.locator('.toast.error').waitFor();
    stage.server.revoke();
    await page.locator('#email').waitFor();
    expect(await page.locator('.toast').count()).toBe(0);
    await page.locator('#email').fill('someone@example.com');
    await page.locator('#password').fill('a long enough password');
    await page.locator('button[type=submit]').click();
    await page.locator('[data-bot]').waitFor();
    expect(await page.locator('.toast').count()).toBe(0);
  });

  test('[MET-31] a first visit asks for no session, and has nothing to complain about', async () => {
    const context = await stage.browser.newContext();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    await page.goto(stage.server.url);
    await page.locator('#email').waitFor();
    await page.evaluate(() => fetch('/icon.svg'));
    expect(complaints).toEqual([]);
  });

  test('[MET-20] the equity curve has no cliff where what is live follows what was stored', async () => {
    const page = await stage.enter(DESKTOP);
    stage.server.desk.openAccount('Simulated');
    const line = page.locator('.spark .line');
    await line.waitFor();
    stage.server.pushValuations();
    const xs = async () =>
      [...((await line.getAttribute('d')) ?? '').matchAll(/[ML]([\d.]+) /g)].map(([, x]) => Number(x));
    await expect.poll(async () => (await xs()).length).toBeGreaterThan(100);
    const steps = (await xs()).map((x, index, all) => x - (all[index - 1] ?? x));
    expect(Math.max(...steps)).toBeLessThan(30);
  });

  test.each([
    ['en', { ...PHONE, locale: 'en-GB' }, 'market time'],
    ['ko', PHONE, '시장 시각'],
  ] as const)('[MET-20] a market’s time says that it is one (%s)', async (_language, screen, said) => {
    const page = await stage.enterWithBot(screen);
    const { desk } = stage.server;
    // Days away from the wall, as a market at 60x is.
    const [ts, cooldownUntil] = [Date.UTC(2031, 0, 2, 10, 11), Date.UTC(2031, 0, 2, 12, 13)];
    desk.emit('BotUpdated', { bot: { ...desk.bot('bot1'), lastBarTime: ts, cooldownUntil } });
    const limits = desk.view.limits.acc1;
    if (limits === undefined) throw new Error('no limits');
    const figures = { actual: dec('21.5'), allowed: dec('20') };
    const breach = { limit: 'drawdown', ...figures, ts, policy: 'hold' } as const;
    desk.emit('LimitChanged', { limits: { ...limits, breaches: [breach] } });
    desk.exit('bot1', 'stop');
    await page.locator('[data-bot] .name a').click();
    const why = page.locator('section.why');
    for (const [place, time] of [
      [why, '10:11'],
      [why, '12:13'],
      [page.locator('[data-breach=drawdown]'), '10:11'],
    ] as const)
      await place.getByText(new RegExp(`${time}(:00)? \\(${said}\\)`)).waitFor();
    await page.locator(`td[data-label$="(${said})"]`).first().waitFor();
  });
});
