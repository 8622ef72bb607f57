import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OpArgsInput, OpName, OpResult } from '../../shared/protocol/ops.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { readStoredDesk } from '../testing/e2e/storedDesk.ts';
import { type Device, Trader } from '../testing/e2e/trader.ts';

let server: ServerProcess;
const traders: Trader[] = [];
beforeAll(async () => {
  server = await ServerProcess.start();
});
afterAll(async () => {
  for (const trader of traders) trader.close();
  await server?.stop();
});

async function arrive(): Promise<Trader> {
  const trader = await Trader.register(server.url);
  traders.push(trader);
  return trader;
}

/** Asks, and answers with the cause that frames of it would name. */
async function ask<O extends OpName>(
  device: Device,
  op: O,
  args: OpArgsInput<O>,
  expectedVersion?: number,
): Promise<{ cause: string; result: OpResult<O> }> {
  const commandId = randomUUID();
  const version = expectedVersion === undefined ? {} : { expectedVersion };
  const result = await device.client.request(op, args, { commandId, ...version });
  return { cause: `command:${commandId}`, result };
}

const framesOf = (device: Device, cause: string): string[] =>
  device.frames.filter((frame) => frame.cause === cause).map(({ kind }) => kind);

/** What has a version, changed by one op: asked for again it is answered with the version that stands. */
const versioned = (accountId: string, botId: string) =>
  [
    ['accounts.update', { accountId, name: 'Main', leverage: 3 }],
    ['limits.set', { accountId, values: { maxPositions: 5, dailyLoss: '400' } }],
    ['limits.set', { book: 'simulated', values: { maxOrdersPerMinute: 7 } }],
    ['bots.update', { botId, name: 'Grid', leverage: 2 }],
  ] as const;

it('[E2E-77] [CMD-19] of what is so already another device sees no frame and no version, of a change both; another user neither', async () => {
  const ada = await arrive();
  const bob = await arrive();
  const [pc, phone, foreign] = [await ada.device('pc'), await ada.device('phone'), await bob.device('pc')];
  const account = await pc.firstAccount();
  const { accountId } = account;
  const botId = await pc.createBot(account, 'BTCUSDT');
  const changes: string[] = [];
  const nothings: string[] = [];
  const changed = async ({ cause }: { cause: string }): Promise<void> => {
    for (const device of [pc, phone])
      await device.until(`a frame of ${cause}`, () => framesOf(device, cause).length > 0);
    changes.push(cause);
  };

  for (const [op, args] of versioned(accountId, botId)) {
    const first = await ask(pc, op, args);
    await changed(first);
    const { version } = first.result;
    expect(version).toBeGreaterThan(1);
    for (const device of [pc, phone])
      for (const expected of [undefined, version]) {
        const again = await ask(device, op, args, expected);
        nothings.push(again.cause);
        expect([op, again.result]).toEqual([op, { status: 'accepted', seq: expect.any(Number), version }]);
      }
    // Nor does it tell anybody else that what he names is there.
    if (!('book' in args)) await expect(ask(foreign, op, args)).rejects.toMatchObject({ code: 'not_found' });
  }
  expect(phone.view.accounts[accountId]).toMatchObject({ name: 'Main', leverage: 3 });

  const [dogePrice, solStop] = [await pc.priceAt('DOGEUSDT', '-4'), await pc.priceAt('SOLUSDT', '-6')];
  const order = { accountId, symbol: 'DOGEUSDT', side: 'buy', type: 'limit', size: '100' } as const;
  const placed = await pc.submit({ ...order, price: dogePrice });
  if (placed.status !== 'accepted') throw new Error('a preview');
  const { orderId } = placed;
  await phone.until('the order works', ({ orders }) => orders[orderId]?.status === 'open');
  const amendment = { orderId, price: await pc.priceAt('DOGEUSDT', '-3.5') };
  await changed(await ask(pc, 'orders.amend', amendment));
  await phone.until('it is amended', ({ orders }) => orders[orderId]?.price === amendment.price);

  const protection = { stopPrice: await pc.priceAt('SOLUSDT', '-8') };
  const entry = { accountId, symbol: 'SOLUSDT', side: 'buy', type: 'market', size: '1' } as const;
  await pc.submit({ ...entry, protection });
  const restsAt = (price: string) =>
    phone.until(`a stop at ${price}`, ({ positions }) =>
      Object.values(positions).some(({ stop }) => stop?.state === 'resting' && stop.triggerPrice === price),
    );
  await restsAt(protection.stopPrice);
  const stop = { accountId, symbol: 'SOLUSDT', triggerPrice: solStop };
  await changed(await ask(pc, 'positions.setStop', stop));
  await restsAt(solStop);
  for (const device of [pc, phone]) {
    nothings.push((await ask(device, 'orders.amend', amendment)).cause);
    nothings.push((await ask(device, 'positions.setStop', stop)).cause);
  }

  await changed(await ask(pc, 'accounts.update', { accountId, name: 'Main again' }));
  const { events } = await readStoredDesk(server.databaseUrl, ada.userId);
  for (const cause of nothings) {
    for (const device of [pc, phone]) expect(framesOf(device, cause)).toEqual([]);
    expect(events.filter((event) => event.cause === cause)).toEqual([]);
  }
  const own = await foreign.firstAccount();
  const his = await ask(foreign, 'accounts.update', { accountId: own.accountId, name: own.name });
  const barrier = await ask(foreign, 'accounts.update', { accountId: own.accountId, name: 'Bob’s' });
  await foreign.until('his own change', () => framesOf(foreign, barrier.cause).length > 0);
  for (const cause of [...changes, ...nothings, his.cause]) expect(framesOf(foreign, cause)).toEqual([]);
});
