import { expect, it } from 'vitest';
import type { Account } from '../../shared/domain/account.ts';
import { dec } from '../../shared/domain/decimal.ts';
import type { VenueAnswer } from '../ports/venue.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { MoneyWorld } from '../testing/e2e/moneyWorld.ts';
import { proveMoney } from '../testing/e2e/proveMoney.ts';
import { say } from '../testing/e2e/say.ts';
import type { Device } from '../testing/e2e/trader.ts';
import { inLongForm } from '../testing/longForm.ts';

const cleanups = cleanupsAfterEach();

/** The least a venue may allow: what waits has to wait for as long as a busy machine takes to send it all. */
const CALLS_PER_SECOND = 20;
const ENTRIES_EACH = inLongForm(60, 24);
const EXITS = 4;
/** Calls that may be on the line between the server's decision and the moment we see it: far less than what waits. */
const ON_THE_WAY = 10;

it('[E2E-65] [N8] [INV-8] while entries and readings of all desks use up the venue’s limit, exits arrive before everything that waits', async () => {
  const world = await MoneyWorld.start(
    {
      seed: 1,
      botsEach: 0,
      handsEach: EXITS + 1,
      venueEnv: { SIM_RATE_LIMIT: String(CALLS_PER_SECOND) },
    },
    cleanups,
  );
  const { line } = world;
  const [desk, other] = world.desks;
  if (desk === undefined || other === undefined) throw new Error('nobody trades');
  const { device } = desk;
  const holding = desk.accounts.slice(0, EXITS);
  for (const { accountId } of holding) {
    const stopPrice = await device.priceAt('SOLUSDT', '-4');
    const entry = { accountId, symbol: 'SOLUSDT', side: 'buy', type: 'market', size: '1' } as const;
    await device.submit({ ...entry, protection: { stopPrice } });
  }
  await device.until('every account holds a position', ({ positions }) => {
    const resting = Object.values(positions).filter(({ stop }) => stop?.state === 'resting');
    return resting.length === EXITS;
  });
  const refused: VenueAnswer[] = [];
  line.fateOf = (call, answer) => {
    if (answer.outcome === 'rejected' && answer.code === 'rate_limited') refused.push(answer);
    // Whose answer is lost is looked for: the readings that compete.
    return call.kind === 'entry' ? 'silence' : 'arrives';
  };

  const from = line.calls.length;
  const accepted = (
    await Promise.all([flood(device, desk.accounts), flood(other.device, other.accounts)])
  ).flat();
  const arrived = () => line.calls.slice(from).filter(({ kind }) => kind === 'entry').length;
  const waiting = () => accepted.length - arrived();
  expect(waiting(), 'entries wait for their turn').toBeGreaterThan(ENTRIES_EACH / 2);
  const overtaken: number[] = [];
  for (const { accountId } of holding) {
    const asked = line.calls.length;
    const before = waiting();
    await device.client.request('positions.close', { accountId, symbol: 'SOLUSDT' });
    // The reply comes after the commit; the sending follows at once.
    const replied = line.calls.length;
    const exit = await eventually('the exit arrives', () =>
      line.calls.slice(asked).find((call) => call.kind === 'close' && call.accountId === accountId),
    );
    expect(exit.place, 'the exit waited').toBeLessThan(replied + ON_THE_WAY);
    overtaken.push(before);
  }
  expect(overtaken.at(-1) ?? 0, 'entries still waited when the last exit had arrived').toBeGreaterThan(0);
  await device.until('all is closed', ({ positions }) =>
    holding.every(({ accountId }) => !Object.values(positions).some((one) => one.accountId === accountId)),
  );
  expect(refused, 'the venue never had to refuse').toEqual([]);

  line.fateOf = () => 'arrives';
  for (const one of world.desks) await one.device.client.request('emergency.stop', {});
  await world.quiet();
  const figures = await proveMoney(world);
  say(
    `exits overtook ${overtaken.join(', ')} waiting entries of ${accepted.length}; ${JSON.stringify(figures)}`,
  );
});

/** Far more entries than the venue takes, all at once; answers those the server accepted. */
async function flood(device: Device, accounts: readonly Account[]): Promise<string[]> {
  const price = await device.priceAt('XRPUSDT', '-4');
  const orders = Array.from({ length: ENTRIES_EACH }, async (_, index) => {
    const { accountId = '' } = accounts[index % accounts.length] ?? {};
    const order = {
      accountId,
      symbol: 'XRPUSDT',
      side: 'buy',
      type: 'limit',
      size: dec('20'),
      price,
    } as const;
    const reply = await device.client.request('orders.submit', order);
    return 'orderId' in reply ? reply.orderId : '';
  });
  return Promise.all(orders);
}
