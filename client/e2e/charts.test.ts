import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { requireOrSkip } from '../../server/testing/requireOrSkip.ts';
import { dec } from '../../shared/domain/decimal.ts';
import type { OpenCandle } from '../../shared/domain/market.ts';
import { wireError } from '../../shared/protocol/errors.ts';
import { DESKTOP, PHONE } from './browser.ts';
import { DashboardWorld } from './dashboardWorld.ts';
import { candlesOf } from './fixtureData.ts';

const MINUTE_MS = 60_000;
/** 03:00 in Berlin, for the first time: at 01:00 UTC it is put back to 02:00. */
const PUT_BACK = Date.UTC(2025, 9, 26, 1);

/** What is drawn on canvases from now on, word for word. */
const listenToCanvases = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const drawn: string[] = [];
    Object.assign(globalThis, { drawn });
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
      drawn.push(text);
      fillText.call(this, text, ...rest);
    };
  });
const drawnTexts = (page: Page): Promise<string[]> =>
  page.evaluate(() => [...new Set((globalThis as unknown as { drawn: string[] }).drawn)]);

describe.skipIf(requireOrSkip('chromium'))('charts, in a browser', () => {
  const stage = DashboardWorld.forEachTest();

  /** The page of a bot, with its chart. */
  async function openChart(page: Page): Promise<void> {
    await page.locator('[data-action=demo]').first().click();
    await page.locator('[data-bot][data-state=starting]').first().waitFor();
    stage.server.desk.setState('bot1', 'running');
    await page.locator('[data-bot] .name a').first().click();
    await page.locator('[data-chart=ready]').waitFor();
    await stage.server.heard(channel);
  }
  async function canvasBox(page: Page) {
    await page.locator('[data-chart]').scrollIntoViewIfNeeded();
    const box = await page.locator('[data-chart] canvas').first().boundingBox();
    if (box === null) throw new Error('no canvas');
    return box;
  }
  /** Pulls the past into sight, as far as one pull reaches. */
  async function panBack(page: Page): Promise<void> {
    const { x, y, width } = await canvasBox(page);
    await page.mouse.move(x + 20, y + 80);
    await page.mouse.down();
    await page.mouse.move(x + width - 80, y + 80, { steps: 3 });
    await page.mouse.up();
  }
  const channel = 'candles:sim.BTCUSDT.1m';
  const tell = (candle: OpenCandle): void =>
    stage.server.push({
      ch: channel,
      kind: 'candle',
      ts: Date.now(),
      data: { ...candle, closed: false },
    });

  test.each([
    ['desktop', DESKTOP],
    ['desktop-ko', { ...DESKTOP, colorScheme: 'dark', locale: 'ko-KR' }],
  ] as const)(
    '[MET-30] on a %s in Berlin: the hour that is lived twice is drawn as two, and a bar that arrives in it is drawn too',
    async (name, screen) => {
      const { server } = stage;
      // The history ends in the middle of the second of the two hours.
      server.candles = candlesOf('BTCUSDT', '1m', PUT_BACK + 30 * MINUTE_MS, 200);
      const page = await stage.enter({ ...screen, timeZone: 'Europe/Berlin' });
      await listenToCanvases(page);
      await page.reload();
      await openChart(page);
      for (let minute = 31; minute <= 33; minute += 1) {
        const [bar] = candlesOf('BTCUSDT', '1m', PUT_BACK + minute * MINUTE_MS, 1);
        if (bar !== undefined) tell(bar);
      }
      await expect
        .poll(() => page.locator('[data-chart]').getAttribute('data-newest'))
        .toBe(String(PUT_BACK + 33 * MINUTE_MS));
      await expect.poll(() => drawnTexts(page)).toContain('02:30');
      const box = await canvasBox(page);
      for (const [share, zone] of [
        [0.1, /2:\d\d.*GMT\+2|2:\d\d.*CEST/],
        [0.8, /2:\d\d.*GMT\+1|2:\d\d.*CET/],
      ] as const) {
        await page.mouse.move(box.x + box.width * share, box.y + 80);
        await expect
          .poll(async () => (await drawnTexts(page)).filter((text) => zone.test(text)))
          .not.toEqual([]);
      }
      await stage.shot(page, `${name}-30-clock-change`);
    },
  );

  test('[MET-30] a day begins on the axis when it begins for whoever looks at it', async () => {
    stage.server.candles = candlesOf('BTCUSDT', '1m', Date.UTC(2025, 9, 25, 22, 30), 200);
    const page = await stage.enter({ ...DESKTOP, timeZone: 'Europe/Berlin' });
    await listenToCanvases(page);
    await page.reload();
    await openChart(page);
    await expect.poll(() => drawnTexts(page)).toContain('Oct 26');
  });

  test('[MET-30] a bar told twice, out of order or again after a cut costs no chart', async () => {
    // The history ends where the bars do, whichever minute it is by then.
    stage.server.candles = candlesOf('BTCUSDT', '1m', Date.now(), 200);
    const bars = stage.server.candles.slice(-5);
    const page = await stage.enter(DESKTOP);
    await openChart(page);
    for (const bar of [...bars, ...bars.toReversed()]) tell(bar);
    stage.server.cutSockets();
    await stage.server.heard(channel);
    for (const bar of bars.toReversed()) tell(bar);
    const newest = String(bars.at(-1)?.openTime);
    await expect.poll(() => page.locator('[data-chart]').getAttribute('data-newest')).toBe(newest);
  });

  test('[MET-31] panning goes on into the past, to its beginning, and the place that is looked at stays', async () => {
    const { server } = stage;
    server.candles = candlesOf('BTCUSDT', '1m', Date.now(), 700);
    const page = await stage.enter(DESKTOP);
    await openChart(page);
    const oldest = () => page.locator('[data-chart]').getAttribute('data-oldest');
    const first = String(server.candles[0]?.openTime);
    await expect
      .poll(async () => {
        await panBack(page);
        return oldest();
      })
      .toBe(first);
    const asked = server.asked.filter(({ op }) => op === 'market.candles').length;
    expect(asked, 'each stretch once').toBeLessThanOrEqual(3);
    server.cutSockets();
    await server.heard(channel);
    await page.locator('[data-connection=live]').waitFor();
    expect(await oldest(), 'a cut forgets nothing of it').toBe(first);
  });

  test('[MET-31] [WS-41] a past that the server has no room for is said, and comes by itself once there is room', async () => {
    const { server } = stage;
    server.candles = candlesOf('BTCUSDT', '1m', Date.now(), 700);
    const page = await stage.enter(DESKTOP);
    await openChart(page);
    const figures = { limit: 'reads of the past per user', actual: '9', allowed: '8' };
    const refusal = wireError('rate_limited', 'too many', { ...figures, retryAfterMs: 50 });
    server.standingRefusals.set('market.candles', refusal);
    const oldest = () => page.locator('[data-chart]').getAttribute('data-oldest');
    const before = Number(await oldest());
    const note = page.getByText('Older bars come as soon as the server has room; trying again.');
    await expect
      .poll(async () => {
        await panBack(page);
        return note.isVisible();
      })
      .toBe(true);
    server.standingRefusals.delete('market.candles');
    await note.waitFor({ state: 'detached' });
    expect(Number(await oldest())).toBeLessThan(before);
  });

  test.each([
    ['desktop', DESKTOP],
    ['phone', PHONE],
  ] as const)(
    '[UI-27] [MET-14] on a %s: the price now, what its bar traded so far or that nobody knows, and the zone of the axis',
    async (name, screen) => {
      const { server } = stage;
      server.candles = candlesOf('BTCUSDT', '1m', Date.now(), 700);
      const page = await stage.enter({ ...screen, timeZone: 'Asia/Seoul' });
      await openChart(page);
      const now = page.locator('[data-now]');
      const newest = server.candles.at(-1);
      if (newest === undefined) throw new Error('no bars');
      const price = (close: string) => expect.poll(() => now.getAttribute('data-now')).toBe(close);
      tell({ ...newest, close: dec('61234.5'), volume: dec('12.5') });
      await price('61234.5');
      expect(await now.textContent()).toContain('12.5');
      expect(await page.locator('[data-zone]').getAttribute('data-zone')).toBe('GMT+9');
      await stage.shot(page, `${name}-chart-now`);
      tell({ ...newest, close: dec('61235.5'), volume: null });
      await price('61235.5');
      expect(await now.textContent()).toContain('–');

      const latest = page.locator('[data-action=chart-latest]');
      expect(await latest.count()).toBe(0);
      await expect
        .poll(async () => {
          await panBack(page);
          return latest.isVisible();
        })
        .toBe(true);
      tell({ ...newest, close: dec('61236.5'), volume: dec('13') });
      await price('61236.5');
      await stage.shot(page, `${name}-chart-past`);
      await latest.press('Enter');
      await latest.waitFor({ state: 'detached' });
    },
  );
});
