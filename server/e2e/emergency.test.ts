import { expect, it } from 'vitest';
import type { EmergencyStage } from '../../shared/domain/alert.ts';
import { dec } from '../../shared/domain/decimal.ts';
import { Random } from '../simulation/random.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { compareWithVenue } from '../testing/e2e/compareWithVenue.ts';
import { deniedFor } from '../testing/e2e/deniedFor.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { HOLDS } from '../testing/e2e/holds.ts';
import { say } from '../testing/e2e/say.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog } from '../testing/e2e/storedDesk.ts';
import { type Device, Trader } from '../testing/e2e/trader.ts';
import { VenueLine } from '../testing/e2e/venueLine.ts';
import { VenueProcess } from '../testing/e2e/venueProcess.ts';

const cleanups = cleanupsAfterEach();

/** One for each stage before the last. */
const KILLS = 5;

async function started() {
  const venue = await VenueProcess.start({ SIM_SPEED: '60' });
  cleanups.push(() => venue.stop());
  const line = await VenueLine.start(venue.url);
  cleanups.push(() => line.stop());
  const env = { ...venue.env, VENUE_URL: line.url };
  const server = await ServerProcess.start({ database: 'embedded', env });
  cleanups.push(() => server.stop());
  const trader = await Trader.register(server.url);
  cleanups.push(() => trader.close());
  return { venue, line, server, trader };
}

/** Thirty in a hundred writes are refused, thirty get lost: on the way, or with their answer. */
function trouble(line: VenueLine, random: Random): void {
  line.onCall = ({ kind }) => {
    if (kind === null) return undefined;
    const luck = random.next();
    if (luck < 0.3) {
      const code = kind === 'close' ? 'other' : 'rate_limited';
      return { outcome: 'rejected', code, message: 'refused on the line' };
    }
    return luck < 0.45 ? { outcome: 'unknown', message: 'lost on the line' } : undefined;
  };
  line.fateOf = () => (random.chance(0.2) ? random.pick(['silence', 'deaf', 'cut'] as const) : 'arrives');
}

function calm(line: VenueLine): void {
  line.onCall = () => undefined;
  line.fateOf = () => 'arrives';
}

/** A bot, a position and an order by hand on each account, and what another program did with the same keys. */
async function expose(pc: Device, venue: VenueProcess): Promise<string[]> {
  const accounts = [await pc.firstAccount(), await pc.openAccount('second', '100000')];
  for (const [index, account] of accounts.entries()) {
    const { accountId } = account;
    const botId = await pc.createBot(account, index === 0 ? 'BTCUSDT' : 'ETHUSDT', { params: HOLDS });
    await pc.client.request('bots.start', { botId });
    const byHand = { accountId, symbol: 'SOLUSDT', side: 'buy', size: '40' } as const;
    await pc.submit({ ...byHand, type: 'market' });
    const price = await pc.priceAt('SOLUSDT', '-4');
    await pc.submit({ ...byHand, size: '5', type: 'limit', price });
  }
  const accountIds = accounts.map(({ accountId }) => accountId);
  await pc.until('positions of bots and by hand on both accounts', ({ positions }) =>
    accountIds.every((id) => {
      const own = Object.values(positions).filter(({ accountId }) => accountId === id);
      return own.some(({ botId }) => botId === null) && own.some(({ botId }) => botId !== null);
    }),
  );
  const [accountId = ''] = accountIds;
  const answer = await venue.venue.placeOrder({
    account: { accountId },
    clientOrderId: 'another-program-1',
    symbol: 'XRPUSDT',
    side: 'buy',
    type: 'market',
    size: dec('100'),
    price: null,
    triggerPrice: null,
    triggerBy: null,
    timeInForce: 'ioc',
    reduceOnly: false,
    attachedStop: null,
    notAfter: null,
  });
  expect(answer.outcome).toBe('accepted');
  return accountIds;
}

/** Stages of the emergency that the device was told, in order, and the one it shows. */
function stagesOf(device: Device, emergencyId: string): EmergencyStage[] {
  const told = device.frames.flatMap((frame) =>
    frame.kind === 'EmergencyStage' && frame.data.emergency.emergencyId === emergencyId
      ? [frame.data.emergency.stage]
      : [],
  );
  const shown = device.view.emergencies.find((emergency) => emergency.emergencyId === emergencyId);
  return shown === undefined ? told : [...told, shown.stage];
}

it('[E2E-50] [R18] [N3] [D8] [INV-7] [INV-8] an emergency stop while writes are refused and lost, the server killed in each stage: flat, proven, told to every device, and no entry after the latch', async () => {
  const { venue, line, server, trader } = await started();
  const pc = await trader.device('pc');
  const phone = await trader.device('phone');
  const accountIds = await expose(pc, venue);

  const preview = await phone.client.request('emergency.stop', { preview: true });
  if (preview.status !== 'preview') throw new Error('no preview');
  expect(preview.accounts?.map(({ source }) => source)).toEqual(['venue', 'venue']);
  expect(new Set(preview.positions.map(({ origin }) => origin))).toEqual(
    new Set(['bot', 'manual', 'foreign']),
  );
  expect(preview.orderRows?.map(({ purpose }) => purpose)).toContain('manual');

  trouble(line, new Random(7, 0));
  const { emergencyId } = (await phone.client.request('emergency.stop', {})) as { emergencyId: string };
  const latchedAt = line.calls.length;
  const killedIn: EmergencyStage[] = [];
  // As it hears of each stage for the first time; the line is calm after the last, or when it is over in spite of it all.
  for (let kill = 0; kill < KILLS; kill += 1) {
    const stage = await eventually('a stage it was not killed in yet', () =>
      stagesOf(pc, emergencyId).find((seen) => !killedIn.includes(seen)),
    );
    if (stage === 'done') break;
    killedIn.push(stage);
    await server.restart('SIGKILL');
    await pc.live();
  }
  calm(line);
  await phone.live();
  for (const device of [pc, phone]) {
    const receipt = await device.until('the receipt', ({ emergencies }) =>
      emergencies.find((emergency) => emergency.emergencyId === emergencyId && emergency.stage === 'done'),
    );
    expect(receipt.residual).toEqual([]);
    expect([...receipt.confirmed].sort()).toEqual([...accountIds].sort());
    expect(new Set(receipt.found.map(({ origin }) => origin))).toEqual(new Set(['bot', 'manual', 'foreign']));
    expect(receipt.closed.map(({ symbol }) => symbol)).toEqual(
      expect.arrayContaining(['SOLUSDT', 'XRPUSDT']),
    );
    expect(receipt.ordersCancelled).toBeGreaterThan(0);
  }
  for (const accountId of accountIds) {
    const held = await venue.venue.readAccount({ accountId });
    expect([held.positions, held.orders]).toEqual([[], []]);
    expect(pc.view.accounts[accountId]?.latch).toMatchObject({ reason: 'emergency' });
  }
  for (const botId of Object.keys(pc.view.bots))
    await expect(pc.client.request('bots.start', { botId })).rejects.toMatchObject({
      code: 'denied',
      details: deniedFor('account_latched'),
    });
  expect(line.calls.slice(latchedAt).filter(({ kind }) => kind === 'entry')).toEqual([]);
  const stored = await agreesWithLog(server.databaseUrl, trader.userId, pc.client);
  expect(await compareWithVenue(stored, trader.userId, venue.venue)).toEqual([]);
  say(`killed in ${killedIn.join(', ')}; ${line.calls.length - latchedAt} calls after the latch`);
  expect(killedIn.length).toBeGreaterThanOrEqual(2);
});

it('[E2E-51] [R20] [D11] an administrator stops a user: closed at the venue, latched over reads and restarts until an administrator releases, told to the user and to nobody else', async () => {
  const { venue, server, trader: root } = await started();
  const admin = await root.device('admin');
  const bob = await Trader.register(server.url);
  cleanups.push(() => bob.close());
  const phone = await bob.device('phone');
  const { accountId } = await phone.firstAccount();
  const byHand = { accountId, symbol: 'SOLUSDT', side: 'buy', type: 'market', size: '5' } as const;
  await phone.submit(byHand);
  await phone.until('a position', ({ positions }) => Object.keys(positions).length === 1);

  const whom = { userId: bob.userId };
  await expect(phone.client.request('admin.emergencyStop', whom)).rejects.toMatchObject({
    code: 'forbidden',
  });
  const told = admin.frames.length;
  const reply = await admin.client.request('admin.emergencyStop', whom);
  expect(reply).toMatchObject({ status: 'accepted', users: [{ userId: bob.userId, error: null }] });
  const receipt = await phone.until('the receipt', ({ emergencies }) =>
    emergencies.find(({ stage }) => stage === 'done'),
  );
  expect(receipt).toMatchObject({ by: 'admin', residual: [], confirmed: [accountId] });
  const held = await venue.venue.readAccount({ accountId });
  expect(held.positions).toEqual([]);
  const stage = phone.frames.find(({ kind }) => kind === 'EmergencyStage');
  expect(stage?.by).toEqual({ kind: 'admin', userId: null, deviceId: null });
  expect(admin.frames.slice(told).some(({ kind }) => kind.startsWith('Emergency'))).toBe(false);
  expect(JSON.stringify(phone.frames)).not.toContain(root.userId);

  const denied = { code: 'denied', details: deniedFor('account_latched') };
  await expect(phone.client.request('emergency.release', {})).rejects.toMatchObject(denied);
  await phone.client.request('account.get', { accountId });
  await server.restart('SIGKILL');
  await phone.live();
  await expect(phone.client.request('emergency.release', {})).rejects.toMatchObject(denied);
  await expect(phone.client.request('orders.submit', byHand)).rejects.toMatchObject({ code: 'denied' });
  expect(phone.view.accounts[accountId]?.latch).toMatchObject({ by: 'admin' });

  await admin.live();
  await admin.client.request('admin.emergencyRelease', { all: true });
  await phone.until('released', ({ accounts }) => accounts[accountId]?.latch === null);
  await phone.until('the account is ready', ({ accounts }) => accounts[accountId]?.status === 'ready');
  await phone.submit(byHand);
  await phone.until('entries go again', ({ positions }) => Object.keys(positions).length === 1);
});
