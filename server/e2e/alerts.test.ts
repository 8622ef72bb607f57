import { afterEach, beforeEach, expect, it } from 'vitest';
import { dec } from '../../shared/domain/decimal.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog } from '../testing/e2e/storedDesk.ts';
import { type Device, Trader } from '../testing/e2e/trader.ts';
import { VenueProcess } from '../testing/e2e/venueProcess.ts';

const SYMBOL = 'BTCUSDT';

let venue: VenueProcess;
let server: ServerProcess;
const traders: Trader[] = [];
beforeEach(async () => {
  venue = await VenueProcess.start({ SIM_SPEED: '60' });
  server = await ServerProcess.start({ env: venue.env });
});
afterEach(async () => {
  for (const trader of traders.splice(0)) trader.close();
  await server?.stop();
  await venue?.stop();
});

async function registered(): Promise<Trader> {
  const trader = await Trader.register(server.url);
  traders.push(trader);
  return trader;
}

const newsOf = (device: Device) =>
  device.until('news of what the venue did', ({ alerts }) =>
    Object.values(alerts).find(({ code }) => code === 'position_deleveraged'),
  );

it('[FOUND-24] [INV-11] one device dismisses news and both see it go; another user cannot, nor see it', async () => {
  const [ada, bob] = [await registered(), await registered()];
  const [pc, phone] = [await ada.device('pc'), await ada.device('phone')];
  const stranger = await bob.device('pc');
  const { accountId } = await pc.firstAccount();
  await stranger.firstAccount();
  await pc.submit({
    ...{ accountId, symbol: SYMBOL, side: 'buy', type: 'market', size: '0.01' },
  });
  await pc.until('a position', ({ positions }) => Object.keys(positions).length > 0);
  await venue.control.deleverage({ accountId }, SYMBOL, dec('0.005'));
  const { alertId, dismissible } = await newsOf(phone);
  await newsOf(pc);
  expect(dismissible).toBe(true);

  await expect(stranger.client.request('alerts.dismiss', { alertId })).rejects.toMatchObject({
    code: 'not_found',
  });
  expect(pc.view.alerts[alertId]).toBeDefined();
  expect(stranger.view.alerts[alertId]).toBeUndefined();

  await phone.client.request('alerts.dismiss', { alertId });
  for (const device of [pc, phone]) {
    await device.until('it is gone', ({ alerts }) => alerts[alertId] === undefined);
    await agreesWithLog(server.databaseUrl, ada.userId, device.client);
  }
  await expect(pc.client.request('alerts.dismiss', { alertId })).rejects.toMatchObject({ code: 'not_found' });
});
