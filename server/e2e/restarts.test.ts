import { describe, expect, it } from 'vitest';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { compareWithVenue } from '../testing/e2e/compareWithVenue.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { HOLDS } from '../testing/e2e/holds.ts';
import { say } from '../testing/e2e/say.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog, readStoredDesk } from '../testing/e2e/storedDesk.ts';
import { type Device, Trader } from '../testing/e2e/trader.ts';
import { VenueProcess } from '../testing/e2e/venueProcess.ts';
import { inLongForm } from '../testing/longForm.ts';

const cleanups = cleanupsAfterEach();

const MINUTE_MS = 60_000;
const SIGNALS = ['SIGKILL', 'SIGTERM'] as const;
type Signal = (typeof SIGNALS)[number];
type OnRestart = 'hold' | 'resume';

async function started(env: Record<string, string>) {
  const venue = await VenueProcess.start({ SIM_SPEED: '120' });
  cleanups.push(() => venue.stop());
  const server = await ServerProcess.start({ database: 'embedded', env: { ...venue.env, ...env } });
  cleanups.push(() => server.stop());
  const trader = await Trader.register(server.url);
  cleanups.push(() => trader.close());
  const [pc, phone] = [await trader.device('pc'), await trader.device('phone')];
  return { venue, server, trader, pc, phone };
}

/** A running bot; `params` decide how soon it enters and how long it holds. */
async function running(pc: Device, symbol: string, onRestart: OnRestart, params = {}) {
  const account = await pc.openAccount(`${symbol} ${onRestart}`);
  const botId = await pc.createBot(account, symbol, { params });
  const { version } = await pc.until('the bot', ({ bots }) => bots[botId]);
  await pc.client.request('bots.update', { botId, onRestart }, { expectedVersion: version });
  await pc.client.request('bots.start', { botId });
  return { botId, accountId: account.accountId, symbol };
}

const positionOf = (device: Device, bot: { accountId: string; symbol: string }) =>
  device.view.positions[`${bot.accountId}:${bot.symbol}`];

/** Entries decided after `seq`, by the open time of the bar they followed from. */
const entriesAfter = (events: Awaited<ReturnType<typeof agreesWithLog>>['events'], seq: number) =>
  events.flatMap((event) => {
    if (event.seq <= seq || event.kind !== 'OrderSubmitted' || event.data.order.purpose !== 'entry')
      return [];
    return [Number(/^bar:(\d+)$/.exec(event.cause)?.[1] ?? Number.NaN)];
  });

describe.each([
  // Away shorter than `resumeWithinMs`: everything goes on. Longer: as each bot was told.
  {
    away: 'short',
    signal: 'SIGKILL',
    env: { RESUME_WITHIN_MS: '600000' },
    ends: { hold: 'running', resume: 'running' },
    flatEnds: { hold: ['running'], resume: ['running'] },
  },
  {
    away: 'long',
    signal: 'SIGTERM',
    env: { RESUME_WITHIN_MS: '0' },
    ends: { hold: 'holding', resume: 'running' },
    // `stopped`: it was holding, and its stop or target has closed it since.
    flatEnds: { hold: ['paused', 'stopped'], resume: ['running'] },
  },
] as const)('away $away', ({ signal, env, ends, flatEnds }) => {
  it.each(inLongForm<readonly Signal[]>(SIGNALS, [signal]))(
    '[E2E-35] [R10] [R12] [D12] [INV-5] (%s) positions and their stops are kept, each bot ends in its state on every device, missed bars enter nothing',
    async (ending) => {
      const { venue, server, trader, pc, phone } = await started(env);
      const held = {
        hold: await running(pc, 'BTCUSDT', 'hold', HOLDS),
        resume: await running(pc, 'ETHUSDT', 'resume', HOLDS),
      };
      // These would enter with every bar, and exit soon.
      const busy = {
        hold: await running(pc, 'SOLUSDT', 'hold'),
        resume: await running(pc, 'XRPUSDT', 'resume'),
      };
      for (const bot of Object.values(held)) {
        await pc.until('a position under its stop', () => positionOf(pc, bot)?.stop?.state === 'resting');
      }
      for (const bot of Object.values(busy)) {
        await pc.until('it runs', ({ bots }) => bots[bot.botId]?.state === 'running');
      }
      const before = Object.values(held).map((bot) => positionOf(pc, bot));

      await server.program.kill(ending);
      const venueTime = async () =>
        (await venue.venue.readAccount({ accountId: held.hold.accountId })).marketTime;
      const diedAt = await venueTime();
      await eventually('three bars are missed', async () => (await venueTime()) - diedAt >= 3 * MINUTE_MS);
      // Dead, and everything is protected all the same.
      for (const bot of Object.values(held)) {
        const { positions, orders } = await venue.venue.readAccount({ accountId: bot.accountId });
        expect(positions).toHaveLength(1);
        const stops = orders.filter(({ type, reduceOnly }) => type === 'stop_market' && reduceOnly);
        expect(stops).toHaveLength(1);
        expect(stops[0]?.size).toBe(positions[0]?.size);
      }
      const backAt = await venueTime();
      // Of the log: what was stored last may have been told to nobody.
      const { seq: headAtDeath } = await readStoredDesk(server.databaseUrl, trader.userId);
      await server.start();

      for (const device of [pc, phone]) {
        await device.live();
        await device.until('every account is compared with the venue', ({ accounts }) =>
          Object.values(accounts).every(({ status }) => status === 'ready'),
        );
        for (const onRestart of ['hold', 'resume'] as const) {
          await device.until(`held with ${onRestart}: ${ends[onRestart]}`, ({ bots }) => {
            return bots[held[onRestart].botId]?.state === ends[onRestart];
          });
          const { botId } = busy[onRestart];
          await device.until(`busy with ${onRestart}`, ({ bots }) => {
            const state = bots[botId]?.state ?? '';
            return state === ends[onRestart] || (flatEnds[onRestart] as readonly string[]).includes(state);
          });
        }
      }
      for (const [index, bot] of Object.values(held).entries()) {
        const position = positionOf(phone, bot);
        const { size, cost, openedAt } = before[index] ?? {};
        expect(position).toMatchObject({
          botId: bot.botId,
          size,
          cost,
          openedAt,
          stop: { state: 'resting' },
        });
      }
      if (ends.hold === 'holding') {
        expect(phone.bot(held.hold.botId).reason).toMatchObject({ code: 'server_away' });
        // One tap, on any device.
        await phone.client.request('bots.resume', { botId: held.hold.botId });
        await pc.until('resumed', ({ bots }) => bots[held.hold.botId]?.state === 'running');
        expect(positionOf(pc, held.hold)?.size).toBe(before[0]?.size);
      }
      // Ever since they are back: a bot may wait for long between one trade and the next.
      await eventually('the bots that go on trade on', () =>
        pc.frames.some(
          (frame) => frame.kind === 'FillRecorded' && frame.seq > headAtDeath && frame.data.fill.ts > backAt,
        ),
      );

      await pc.client.request('bots.stopAll', {});
      await pc.quiet();
      const stored = await agreesWithLog(server.databaseUrl, trader.userId, pc.client);
      await agreesWithLog(server.databaseUrl, trader.userId, phone.client);
      expect(await compareWithVenue(stored, trader.userId, venue.venue)).toEqual([]);
      const entries = entriesAfter(stored.events, headAtDeath);
      // The bar that was forming as it came back is the first that may enter.
      for (const openTime of entries) expect(openTime + MINUTE_MS).toBeGreaterThan(backAt);
      expect(stored.events.filter(({ kind }) => kind === 'Unprotected')).toEqual([]);
      const ids = await venue.clientOrderIds();
      expect(new Set(ids).size).toBe(ids.length);
      say(
        `${stored.seq} events, ${entries.length} entries after ${Math.round((backAt - diedAt) / MINUTE_MS)} missed bars`,
      );
    },
  );
});
