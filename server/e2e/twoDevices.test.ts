import { afterEach, beforeEach, expect, it } from 'vitest';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog } from '../testing/e2e/storedDesk.ts';
import { Trader } from '../testing/e2e/trader.ts';
import { VenueProcess } from '../testing/e2e/venueProcess.ts';

let venue: VenueProcess;
let server: ServerProcess;
let trader: Trader;
beforeEach(async () => {
  venue = await VenueProcess.start({ SIM_SPEED: '300' });
  server = await ServerProcess.start({ env: venue.env });
  trader = await Trader.register(server.url);
});
afterEach(async () => {
  trader?.close();
  await server?.stop();
  await venue?.stop();
});

it('[E2E-1] [R9] [R11] [R17] what one device starts and another stops, both see in every step, until the venue holds nothing', async () => {
  const pc = await trader.device('pc');
  const phone = await trader.device('phone');
  const account = await pc.firstAccount();
  const botId = await pc.createBot(account, 'BTCUSDT');

  await pc.client.request('bots.start', { botId });
  await phone.until('the phone sees it run', ({ bots }) => bots[botId]?.state === 'running');
  await phone.until('the phone sees its position', ({ positions }) =>
    Object.values(positions).some((position) => position.botId === botId),
  );
  await phone.client.request('bots.stop', { botId });
  await pc.until('the computer sees it stopped', ({ bots }) => bots[botId]?.state === 'stopped');
  await phone.until('the phone sees it stopped', ({ bots }) => bots[botId]?.state === 'stopped');

  for (const device of [pc, phone]) {
    expect(device.statesOf(botId)).toEqual(['starting', 'running', 'stopping', 'stopped']);
    expect(Object.keys(device.view.positions)).toEqual([]);
    expect(Object.keys(device.view.orders)).toEqual([]);
    await agreesWithLog(server.databaseUrl, trader.userId, device.client);
  }
  const held = await venue.venue.readAccount({ accountId: account.accountId });
  expect(held.positions).toEqual([]);
  expect(held.orders).toEqual([]);
});

it('[E2E-2] an emergency stop leaves nothing open at the venue, bots’ and own, says so, and latches until released', async () => {
  const pc = await trader.device('pc');
  const phone = await trader.device('phone');
  const account = await pc.firstAccount();
  for (const symbol of ['BTCUSDT', 'ETHUSDT']) {
    const botId = await pc.createBot(account, symbol);
    await pc.client.request('bots.start', { botId });
  }
  const { accountId } = account;
  const byHand = { accountId, symbol: 'SOLUSDT', side: 'buy', type: 'market', size: '5' } as const;
  await pc.submit(byHand);
  await pc.submit({
    ...byHand,
    symbol: 'XRPUSDT',
    size: '100',
    type: 'limit',
    price: await pc.priceAt('XRPUSDT', '-4'),
  });
  await pc.until('a position by hand and one of a bot', ({ positions }) => {
    const open = Object.values(positions);
    return open.some(({ botId }) => botId === null) && open.some(({ botId }) => botId !== null);
  });

  const { emergencyId } = (await phone.client.request('emergency.stop', {})) as { emergencyId: string };
  for (const device of [pc, phone]) {
    const receipt = await device.until('the receipt', ({ emergencies }) =>
      emergencies.find((emergency) => emergency.emergencyId === emergencyId && emergency.stage === 'done'),
    );
    expect(receipt).toMatchObject({ residual: [], confirmed: [accountId] });
    expect(receipt.found.map(({ symbol }) => symbol)).toContain('SOLUSDT');
    expect(receipt.closed.map(({ symbol }) => symbol)).toContain('SOLUSDT');
    expect(receipt.ordersCancelled).toBeGreaterThan(0);
    expect(device.view.accounts[accountId]?.latch).toMatchObject({ reason: 'emergency' });
    expect(Object.values(device.view.bots).map(({ state }) => state)).toEqual(['halted', 'halted']);
  }
  const held = await venue.venue.readAccount({ accountId });
  expect(held.positions).toEqual([]);
  expect(held.orders).toEqual([]);

  await expect(pc.client.request('orders.submit', byHand)).rejects.toMatchObject({ code: 'denied' });
  await pc.client.request('emergency.release', {});
  await phone.until('released', ({ accounts }) => accounts[accountId]?.latch === null);
  await phone.submit(byHand);
  await pc.until('entries go again', ({ positions }) => Object.values(positions).length === 1);
});
