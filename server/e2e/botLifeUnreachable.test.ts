import { expect, it } from 'vitest';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { deniedFor } from '../testing/e2e/deniedFor.ts';
import { HOLDS } from '../testing/e2e/holds.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog } from '../testing/e2e/storedDesk.ts';
import { Trader } from '../testing/e2e/trader.ts';
import { VenueProcess } from '../testing/e2e/venueProcess.ts';
import { CuttableProxy } from '../testing/sdk/cuttableProxy.ts';

const cleanups = cleanupsAfterEach();

it('[E2E-27] [R11] [D8] [D10] with the venue out of reach a stop is accepted and stopping is all it says, a start is denied; back again, it closes and is stopped', async () => {
  const venue = await VenueProcess.start({ SIM_SPEED: '60' });
  cleanups.push(() => venue.stop());
  const link = await CuttableProxy.start(Number(new URL(venue.url).port));
  cleanups.push(() => link.stop());
  const server = await ServerProcess.start({ env: { ...venue.env, VENUE_URL: link.url } });
  cleanups.push(() => server.stop());
  const trader = await Trader.register(server.url);
  cleanups.push(() => trader.close());
  const pc = await trader.device('pc');
  const phone = await trader.device('phone');
  const account = await pc.firstAccount();
  const { accountId } = account;
  const botId = await pc.createBot(account, 'BTCUSDT', { params: HOLDS });
  const other = await pc.createBot(account, 'ETHUSDT');
  await pc.client.request('bots.start', { botId });
  await pc.until('it is open and protected', ({ positions }) =>
    Object.values(positions).some(({ stop }) => stop?.state === 'resting'),
  );

  link.passes = () => false;
  await phone.client.request('bots.stop', { botId });
  for (const device of [pc, phone]) {
    await device.until('out of reach', ({ accounts }) => accounts[accountId]?.status === 'unreachable');
    expect(device.bot(botId).state).toBe('stopping');
  }
  await expect(pc.client.request('bots.start', { botId: other })).rejects.toMatchObject({
    code: 'denied',
    details: deniedFor('account_ready', { status: 'unreachable' }),
  });
  expect(pc.bot(other).state).toBe('stopped');
  const kept = await venue.venue.readAccount({ accountId });
  // What was sent may have arrived all the same; nothing is naked either way.
  expect(kept.orders.some(({ type }) => type === 'stop_market')).toBe(kept.positions.length > 0);

  link.passes = () => true;
  link.cut();
  await phone.until('stopped', ({ bots }) => bots[botId]?.state === 'stopped');
  const { positions, orders } = await venue.venue.readAccount({ accountId });
  expect([...positions, ...orders]).toEqual([]);
  await agreesWithLog(server.databaseUrl, trader.userId, phone.client);
  // Reachable again, what was denied starts.
  await pc.until('the account is ready', ({ accounts }) => accounts[accountId]?.status === 'ready');
  await pc.client.request('bots.start', { botId: other });
  await phone.until('running', ({ bots }) => bots[other]?.state === 'running');
});
