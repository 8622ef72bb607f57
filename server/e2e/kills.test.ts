import { expect, it } from 'vitest';
import { refusalIn } from '../../shared/domain/cause.ts';
import { dec } from '../../shared/domain/decimal.ts';
import { nodeWebSocket } from '../../shared/sdk/nodeWebSocket.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { compareWithVenue } from '../testing/e2e/compareWithVenue.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { HOLDS } from '../testing/e2e/holds.ts';
import { ReceivedDesk } from '../testing/e2e/receivedDesk.ts';
import { say } from '../testing/e2e/say.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog } from '../testing/e2e/storedDesk.ts';
import { Trader } from '../testing/e2e/trader.ts';
import { VenueProcess } from '../testing/e2e/venueProcess.ts';
import { inLongForm } from '../testing/longForm.ts';
import { CuttableProxy } from '../testing/sdk/cuttableProxy.ts';

const cleanups = cleanupsAfterEach();

async function started(venueEnv: Record<string, string>, serverEnv: Record<string, string> = {}) {
  const venue = await VenueProcess.start(venueEnv);
  cleanups.push(() => venue.stop());
  const link = await CuttableProxy.start(Number(new URL(venue.url).port));
  cleanups.push(() => link.stop());
  const env = { ...venue.env, VENUE_URL: link.url, ...serverEnv };
  const server = await ServerProcess.start({ database: 'embedded', env });
  cleanups.push(() => server.stop());
  const trader = await Trader.register(server.url);
  cleanups.push(() => trader.close());
  return { venue, link, server, trader };
}

const KILLS = inLongForm(10, 5);
/** What the server has just been told or has just decided when it is killed, in turn. */
const MOMENTS = ['OrderSubmitted', 'FillRecorded', 'OrderAccepted', 'StopPlaced', 'PositionChanged'] as const;

it(`[E2E-3] killed ${KILLS} times in the middle of trading, it has sent nothing twice and its books are the venue’s`, async () => {
  // However long a start takes, bots go on.
  const { venue, server, trader } = await started({ SIM_SPEED: '120' }, { RESUME_WITHIN_MS: '600000' });
  const received = new ReceivedDesk();
  const device = await trader.device('pc', { webSocket: received.tap(nodeWebSocket) });
  // An account for each, so that none runs into the limit of orders per minute.
  for (const symbol of ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT', 'DOGEUSDT']) {
    const botId = await device.createBot(await device.openAccount(symbol), symbol);
    await device.client.request('bots.start', { botId });
  }

  for (let kill = 0; kill < KILLS; kill += 1) {
    const from = device.frames.length;
    const moment = MOMENTS[kill % MOMENTS.length];
    await eventually(`${moment} before kill ${kill + 1}`, () =>
      device.frames.slice(from).some((frame) => frame.kind === moment),
    );
    await server.restart('SIGKILL');
    await device.live();
  }

  await device.client.request('bots.stopAll', {});
  await device.quiet();
  const stored = await agreesWithLog(server.databaseUrl, trader.userId, device.client);
  expect(received.problem).toBeUndefined();
  expect(received.isComplete(stored.seq)).toBe(true);
  expect(await compareWithVenue(stored, trader.userId, venue.venue)).toEqual([]);
  const ids = await venue.clientOrderIds();
  expect(new Set(ids).size).toBe(ids.length);
  const sentTwice = stored.events.filter(
    (event) => 'order' in event.data && refusalIn(event.data.order.reason) === 'duplicate_client_id',
  );
  expect(sentTwice).toEqual([]);
  const fills = stored.events.filter((event) => event.kind === 'FillRecorded').length;
  say(`${KILLS} kills, ${stored.seq} events, ${fills} fills, ${ids.length} orders at the venue`);
  expect(fills).toBeGreaterThan(KILLS);
});

it('[E2E-4] killed before it hears of a fill, and dead while the price crosses the stop: the venue closed it, and the next start tells so', async () => {
  const { venue, link, server, trader } = await started({ SIM_SPEED: '60' }, { RESUME_WITHIN_MS: '0' });
  const device = await trader.device('pc');
  const account = await device.firstAccount();
  const botId = await device.createBot(account, 'BTCUSDT', { params: HOLDS });
  let killed: Promise<void> | undefined;
  link.passes = (piece) => {
    // The first the venue tells of an order or a fill; nothing of it arrives, nor anything after it.
    if (/"type":"(order|fill)"/.test(piece.toString())) killed ??= server.kill();
    return killed === undefined;
  };
  await device.client.request('bots.start', { botId });
  await eventually('the venue tells of the entry', () => killed !== undefined);
  await killed;
  const { accountId } = account;
  const entered = await eventually('the venue holds it', async () => {
    const { positions } = await venue.venue.readAccount({ accountId });
    return positions[0];
  });
  // Beyond its stop, while the server is dead.
  await venue.control.movePrice('BTCUSDT', dec(entered.direction === 'long' ? '0.9' : '1.1'));
  await eventually('the venue’s stop has closed the position', async () => {
    const fills = await venue.venue.fillsSince({ accountId }, 0);
    const { positions } = await venue.venue.readAccount({ accountId });
    return fills.some((fill) => fill.source === 'stop') && positions.length === 0;
  });

  link.passes = () => true;
  await server.start();
  await device.live();
  const trade = await device.until('the trade', ({ trades }) => trades[0]);
  expect(trade).toMatchObject({ exit: 'stop', botId });
  await device.until('nothing is open', ({ positions, orders }) => {
    return Object.keys(positions).length === 0 && Object.keys(orders).length === 0;
  });
  await device.until('paused, with the trade counted', ({ bots }) => {
    const bot = bots[botId];
    return bot?.state === 'paused' && bot.stats.trades === 1;
  });
  const stored = await agreesWithLog(server.databaseUrl, trader.userId, device.client);
  expect(await compareWithVenue(stored, trader.userId, venue.venue)).toEqual([]);
});
