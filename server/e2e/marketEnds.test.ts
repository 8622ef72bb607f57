import { expect, it } from 'vitest';
import type { MarketsNow } from '../../shared/domain/instrument.ts';
import type { OpArgsInput } from '../../shared/protocol/ops.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { deniedFor } from '../testing/e2e/deniedFor.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { madeRecording } from '../testing/e2e/madeRecording.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { type Device, Trader } from '../testing/e2e/trader.ts';

const cleanups = cleanupsAfterEach();

const SYMBOL = 'BTCUSDT';
/** The first 300 are the past; the rest take five minutes until all is set up, and seconds from then on. */
const BARS = 600;
const SPEED = 60;
const FAST = 3_000;

it('[E2E-74] [FOUND-29] a recording played to its end: bots are halted with the reason, entries and starts denied with it, what rests stays, /readyz and every device are told; after SIGKILL too; what is open can be closed', async () => {
  const { path: file, remove } = madeRecording(SYMBOL, BARS);
  cleanups.push(remove);
  const server = await ServerProcess.start({ replay: { file, speed: SPEED } });
  cleanups.push(() => server.stop());
  const trader = await Trader.register(server.url);
  cleanups.push(() => trader.close());
  const [pc, phone] = [await trader.device('pc'), await trader.device('phone')];
  const botId = await pc.createBot(await pc.firstAccount(), SYMBOL);
  const { accountId } = await pc.openAccount('by hand');
  const submit = (order: Pick<OpArgsInput<'orders.submit'>, 'side' | 'type' | 'price' | 'protection'>) =>
    pc.client.request('orders.submit', { accountId, symbol: SYMBOL, size: '0.01', ...order });
  const held = (device: Device) => device.view.positions[`${accountId}:${SYMBOL}`];
  await pc.livePrice(SYMBOL);
  await submit({ side: 'buy', type: 'market', protection: { stopPrice: '48000' } });
  await pc.until('its stop rests', () => held(pc)?.stop?.state === 'resting');
  await submit({ side: 'buy', type: 'limit', price: '48500' });
  const resting = () =>
    Object.values(pc.view.orders).filter((one) => one.accountId === accountId && one.type === 'limit');
  await pc.until('the limit order rests', () => resting()[0]?.status === 'open');
  await pc.client.request('bots.start', { botId });
  for (const device of [pc, phone])
    await device.until('the bot runs', () => device.bot(botId).state === 'running');
  const readyz = async () => {
    const answer = await fetch(`${server.url}/readyz`);
    return { status: answer.status, ...((await answer.json()) as { checks: { market: boolean } }) };
  };
  expect(await readyz()).toMatchObject({ status: 200, checks: { market: true } });

  const told: MarketsNow[] = [];
  phone.client.subscribe('markets:sim', (push) => {
    if (push.kind === 'markets') told.push(push.data);
  });
  await eventually('a device is told that it trades', () => told.length > 0);
  expect(told[0]?.instruments).toMatchObject([{ symbol: SYMBOL, status: 'trading' }]);
  if (server.replay === undefined) throw new Error('it is no replay');
  server.replay.speed = FAST;
  await server.restart('SIGTERM', null);
  await eventually('a device is told', () => told.at(-1)?.instruments[0]?.status === 'ended');
  await looksEnded();
  await server.restart('SIGKILL', 503);
  for (const device of [pc, phone]) await device.live();
  await pc.until('the account is ready', ({ accounts }) => accounts[accountId]?.status === 'ready');
  await looksEnded();
  await pc.client.request('positions.close', { accountId, symbol: SYMBOL });
  await pc.until('the position is closed', () => held(pc) === undefined);

  async function looksEnded(): Promise<void> {
    for (const device of [pc, phone]) {
      await device.until('the bot is halted', () => device.bot(botId).state === 'halted');
      expect(device.bot(botId).reason).toEqual({ code: 'market_ended', figures: { symbol: SYMBOL } });
      await device.until('it is told as news', ({ alerts }) =>
        Object.values(alerts).some(({ code }) => code === 'market_ended'),
      );
    }
    const denied = {
      code: 'denied',
      details: deniedFor('instrument_status', { status: 'ended' }),
    };
    const entry = submit({ side: 'buy', type: 'market' });
    await expect(entry).rejects.toMatchObject(denied);
    await expect(pc.client.request('bots.start', { botId })).rejects.toMatchObject(denied);
    expect(held(pc)).toMatchObject({ size: '0.01', stop: { state: 'resting' } });
    expect(resting()).toMatchObject([{ status: 'open', price: '48500' }]);
    expect(await readyz()).toMatchObject({ status: 503, checks: { market: false } });
  }
});
