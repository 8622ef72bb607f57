import { describe, expect, it } from 'vitest';
import { INTERVAL_MS } from '../../../shared/domain/market.ts';
import type { GatewayWorld } from '../../testing/gatewayWorld.ts';
import { logger } from '../../testing/market/hubSetup.ts';
import { SteppedFeed } from '../../testing/market/steppedFeed.ts';
import { waitUntil } from '../../testing/patience.ts';
import { ManualClock } from '../../testing/venue/manualClock.ts';
import type { WireClient, WireReply } from '../../testing/wireClient.ts';
import { worldStarter } from '../../testing/worldStarter.ts';
import { BarHub } from './barHub.ts';
import {
  HISTORY_CONCURRENCY,
  PAST_PAGES_AT_ONCE,
  PAST_READ_MS,
  PAST_READS_PER_CONNECTION,
  PAST_READS_PER_USER,
} from './limits.ts';

const start = worldStarter();
const DAY_MS = INTERVAL_MS['1d'];
/** Pages of a read of seven days. */
const PAGES = 11;

interface Scene {
  clock: ManualClock;
  feed: SteppedFeed;
  hub: BarHub;
  world: GatewayWorld;
  /** Seven days of BTCUSDT, which nobody holds; each `n` other ones. */
  past: (client: WireClient, n: number, symbol?: string) => Promise<WireReply>;
}

async function scene(): Promise<Scene> {
  const clock = new ManualClock();
  const feed = new SteppedFeed({ minute: 600 * 1_440, symbols: ['BTCUSDT', 'ETHUSDT'] });
  const hub = new BarHub({ feeds: [feed], logger, clock });
  await hub.start();
  const world = await start({ clock, market: hub });
  const past: Scene['past'] = (client, n, symbol = 'BTCUSDT') => {
    const before = feed.startTime + (500 - 10 * n) * DAY_MS;
    return client.request('market.candles', { venue: 'sim', symbol, interval: '1d', before, limit: 7 });
  };
  return { clock, feed, hub, world, past };
}

const busy = ({ feed }: Scene): Promise<unknown> => waitUntil(() => feed.asked.length >= PAST_PAGES_AT_ONCE);

describe('reads of the past', () => {
  it('[BAR-23] users take turns: who asks for one chart is served before the second of who asked for eight', async () => {
    const stage = await scene();
    const greedy = await stage.world.user();
    const served: string[] = [];
    const ask = async (who: string, client: WireClient, n: number): Promise<void> => {
      expect(await stage.past(client, n)).toMatchObject({ ok: true });
      served.push(who);
    };
    const [one, two] = [await stage.world.session(greedy), await stage.world.session(greedy)];
    const other = await stage.world.session(await stage.world.user());
    const asked = [0, 1, 2, 3].flatMap((n) => [ask('greedy', one, n), ask('greedy', two, 4 + n)]);
    await busy(stage);
    // Its reads are there before the other one's.
    for (const client of [one, two]) await client.request('ping', {});
    asked.push(ask('other', other, 20));
    await other.request('ping', {});
    stage.feed.open();
    await Promise.all(asked);
    expect(served.indexOf('other')).toBeLessThanOrEqual(1);
    expect(stage.feed.asked).toHaveLength(9 * PAGES);
    expect(stage.feed.mostConcurrentCalls).toBeLessThanOrEqual(HISTORY_CONCURRENCY);
  });

  it('[BAR-23] a bot that starts, and a chart of the present, have places that the past does not take', async () => {
    const stage = await scene();
    const greedy = await stage.world.session(await stage.world.user());
    const charts = [0, 1, 2, 3].map((n) => stage.past(greedy, n));
    await busy(stage);
    await greedy.request('ping', {});
    expect(stage.feed.asked).toEqual(Array(PAST_PAGES_AT_ONCE).fill('BTCUSDT'));
    const bot = stage.hub.watch('bot', { venue: 'sim', symbol: 'ETHUSDT', interval: '1h' }, 60);
    const ofEth = () => stage.feed.asked.filter((symbol) => symbol === 'ETHUSDT').length;
    await waitUntil(() => ofEth() === HISTORY_CONCURRENCY - PAST_PAGES_AT_ONCE);
    const viewer = await stage.world.session(await stage.world.user());
    const joined = viewer.request('subscribe', { channels: ['candles:sim.ETHUSDT.5m'] });
    await viewer.request('ping', {});
    // Whatever place becomes free is the bot's and the chart's, until they have all that they need.
    stage.feed.answer();
    await waitUntil(() => stage.feed.asked.length === 2 * HISTORY_CONCURRENCY);
    expect(stage.feed.asked.slice(HISTORY_CONCURRENCY)).toEqual(Array(HISTORY_CONCURRENCY).fill('ETHUSDT'));
    stage.feed.open();
    await bot;
    expect(await joined).toMatchObject({ ok: true });
    for (const chart of charts) expect(await chart).toMatchObject({ ok: true });
  });

  it('[BAR-23] [BAR-14] a bot hurries on what a chart began to read', async () => {
    const stage = await scene();
    stage.hub.watchCandles('sim', 'BTCUSDT', '1h');
    stage.hub.watchCandles('sim', 'BTCUSDT', '15m');
    stage.hub.watchCandles('sim', 'ETHUSDT', '5m');
    await waitUntil(() => stage.feed.asked.length === HISTORY_CONCURRENCY);
    const bot = stage.hub.watch('bot', { venue: 'sim', symbol: 'ETHUSDT', interval: '5m' }, 300);
    stage.feed.answer();
    await waitUntil(() => stage.feed.asked.length >= HISTORY_CONCURRENCY + 2);
    expect(stage.feed.asked.slice(HISTORY_CONCURRENCY, HISTORY_CONCURRENCY + 2)).toEqual([
      'ETHUSDT',
      'ETHUSDT',
    ]);
    stage.feed.open();
    await bot;
  });

  it('[BAR-23] [WS-41] more than a connection or a user may wait for is refused with a time after which there is room', async () => {
    const stage = await scene();
    const tokens = await stage.world.user();
    const clients = [];
    for (let n = 0; n < 3; n += 1) clients.push(await stage.world.session(tokens));
    const [one, two, three] = clients as [WireClient, WireClient, WireClient];
    const charts = Array.from({ length: PAST_READS_PER_CONNECTION }, (_, n) => stage.past(one, n));
    const refused = (of: string, actual: number, allowed: number) => ({
      error: {
        ...{ code: 'rate_limited', retryable: true },
        details: { limit: `reads of the past per ${of}`, actual: `${actual}`, allowed: `${allowed}` },
      },
    });
    // The same again is nothing more to read.
    charts.push(stage.past(one, 0));
    const first = await stage.past(one, 30);
    expect(first).toMatchObject(
      refused('connection', PAST_READS_PER_CONNECTION + 1, PAST_READS_PER_CONNECTION),
    );
    for (let n = 4; n < PAST_READS_PER_USER; n += 1) charts.push(stage.past(two, n));
    // They have arrived: what comes over another connection could overtake them.
    await two.request('ping', {});
    const second = await stage.past(three, 31);
    expect(second).toMatchObject(refused('user', PAST_READS_PER_USER + 1, PAST_READS_PER_USER));
    const stranger = await stage.world.session(await stage.world.user());
    charts.push(stage.past(stranger, 32));
    await stranger.request('ping', {});

    const waitMs = Number(second.ok ? 0 : (second.error.details as { retryAfterMs: number }).retryAfterMs);
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(PAST_READ_MS);
    // Nothing comes of the first ones in that time: the venue is silent.
    stage.clock.advance(waitMs);
    expect(await charts[0]).toMatchObject({ error: { code: 'unavailable', retryable: true } });
    stage.feed.open();
    expect(await stage.past(three, 31)).toMatchObject({ ok: true });
    for (const reply of await Promise.all(charts))
      expect(reply).toMatchObject({ error: { code: 'unavailable' } });
  });

  it('[BAR-23] [WS-41] what nobody waits for any more is not read: the connection is gone', async () => {
    const stage = await scene();
    const greedy = await stage.world.session(await stage.world.user());
    for (let n = 0; n < PAST_READS_PER_CONNECTION; n += 1) void stage.past(greedy, n);
    await busy(stage);
    await greedy.request('ping', {});
    const stays = await stage.world.session(await stage.world.user());
    const chart = stage.past(stays, 20, 'ETHUSDT');
    await stays.request('ping', {});
    greedy.ws.close();
    await greedy.closed();
    await stays.request('ping', {});
    stage.feed.open();
    expect(await chart).toMatchObject({ ok: true });
    // What was at work ended with its page, the reads after it never began.
    const ofBtc = () => stage.feed.asked.filter((symbol) => symbol === 'BTCUSDT').length;
    expect(ofBtc()).toBe(PAST_PAGES_AT_ONCE);
    expect(await stage.past(stays, 1, 'ETHUSDT')).toMatchObject({ ok: true });
    expect(ofBtc()).toBe(PAST_PAGES_AT_ONCE);
  });

  it('[BAR-23] a read that takes too long is given up, and who asks again goes on where it ended', async () => {
    const stage = await scene();
    const client = await stage.world.session(await stage.world.user());
    const slow = stage.past(client, 0);
    await busy(stage);
    stage.clock.advance(PAST_READ_MS / 2);
    stage.feed.answer();
    await waitUntil(() => stage.feed.asked.length === 2 * PAST_PAGES_AT_ONCE);
    stage.clock.advance(PAST_READ_MS / 2);
    expect(await slow).toMatchObject({ error: { code: 'unavailable', details: { retryAfterMs: 1_000 } } });
    stage.feed.open();
    const again = await stage.past(client, 0);
    expect(again).toMatchObject({ ok: true });
    const fresh = await scene();
    fresh.feed.open();
    const other = await fresh.world.session(await fresh.world.user());
    expect(again.ok && again.result).toEqual(
      await fresh.past(other, 0).then((reply) => reply.ok && reply.result),
    );
    // One page more than had been left: a bar that was half read is read anew.
    expect(stage.feed.asked.length).toBeLessThanOrEqual(PAGES + 2);
  });

  it('[BAR-23] [BAR-22] two who ask for the same are served by one read, which goes on when one of them leaves', async () => {
    const stage = await scene();
    const leaver = await stage.world.session(await stage.world.user());
    const stays = await stage.world.session(await stage.world.user());
    void stage.past(leaver, 0);
    await busy(stage);
    const chart = stage.past(stays, 0);
    await stays.request('ping', {});
    leaver.ws.close();
    await leaver.closed();
    await stays.request('ping', {});
    stage.feed.open();
    expect(await chart).toMatchObject({ ok: true });
    expect(stage.feed.asked).toHaveLength(PAGES);
  });
});
