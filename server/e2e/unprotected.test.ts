import { expect, it } from 'vitest';
import type { Account } from '../../shared/domain/account.ts';
import type { Position } from '../../shared/domain/position.ts';
import { refOf } from '../ports/venueOrderRef.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { MoneyWorld } from '../testing/e2e/moneyWorld.ts';
import { proveMoney } from '../testing/e2e/proveMoney.ts';
import { say } from '../testing/e2e/say.ts';
import type { Device } from '../testing/e2e/trader.ts';
import { inLongForm } from '../testing/longForm.ts';

const cleanups = cleanupsAfterEach();

const SYMBOL = 'SOLUSDT';
const ROUNDS = inLongForm(3, 1);
/** Stops that the venue refuses in a row, "not now", before it takes one. */
const REFUSALS = 3;

const held = (device: Device, { accountId }: Account): Position | undefined =>
  Object.values(device.view.positions).find((position) => position.accountId === accountId);

const rests = (device: Device, account: Account): Promise<Position> =>
  eventually('the stop rests', () => {
    const position = held(device, account);
    return position?.stop?.state === 'resting' && position.unprotectedSince === null ? position : undefined;
  });

/** Whether the device was told, in frames from `from` on, that a position has no stop. */
const missingSince = (device: Device, from: number) => (): boolean =>
  device.frames
    .slice(from)
    .some((frame) => frame.kind === 'PositionChanged' && frame.data.position.unprotectedSince !== null);

/** As the owner could do at the venue's own site: the stop of a position goes, past the server. */
async function takeStopAway(world: MoneyWorld, { accountId }: Account): Promise<void> {
  const ref = { accountId };
  const { orders } = await world.venue.venue.readAccount(ref);
  for (const order of orders)
    if (order.type === 'stop_market') await world.venue.venue.cancelOrder(ref, SYMBOL, refOf(order));
}

it('[E2E-64] [N4] [INV-5] [INV-6] stops taken away, refused and lost: the unprotected milliseconds reported are those of the venue’s journal or more, and every device hears of it', async () => {
  const world = await MoneyWorld.start({ seed: 1, botsEach: 0, handsEach: 2 }, cleanups);
  const { line } = world;
  let refusals = 0;
  let lost = 0;
  line.onCall = ({ kind }) => {
    if (kind !== 'stop' || refusals === 0) return undefined;
    refusals -= 1;
    return { outcome: 'rejected', code: 'maintenance', message: 'not now' };
  };
  line.fateOf = ({ kind }) => {
    if (kind !== 'stop' || lost === 0) return 'arrives';
    lost -= 1;
    return 'deaf';
  };
  const totals = { reported: 0, journalled: 0 };
  for (const { trader, device, accounts } of world.desks) {
    const phone = await trader.device('phone');
    const [account] = accounts;
    if (account === undefined) throw new Error('no account');
    const where = { accountId: account.accountId, symbol: SYMBOL };
    for (let round = 0; round < ROUNDS; round += 1) {
      const stopPrice = await device.priceAt(SYMBOL, '-4');
      const entry = { ...where, side: 'buy', type: 'market', size: '2' } as const;
      await device.submit({ ...entry, protection: { stopPrice } });
      expect((await rests(device, account)).unprotectedMs ?? 0).toBe(0);
      refusals = round === 1 ? REFUSALS : 0;
      lost = round === 2 ? 1 : 0;
      const told = [device, phone].map((one) => missingSince(one, one.frames.length));
      await takeStopAway(world, account);
      for (const isTold of told) await eventually('both devices know that it is missing', isTold);
      const position = await rests(device, account);
      const journalled = world.journal.positions.find(
        (one) => one.accountId === account.accountId && one.closedAt === null,
      );
      expect(position.unprotectedMs ?? 0).toBeGreaterThanOrEqual(journalled?.unprotectedMs ?? 0);
      say(
        `round ${round}: ${position.unprotectedMs} ms reported, ${journalled?.unprotectedMs} by the journal`,
      );
      totals.reported += position.unprotectedMs ?? 0;
      totals.journalled += journalled?.unprotectedMs ?? 0;
      if (refusals > 0 || round === 1) {
        // Refused for seconds of market time: said aloud, on both devices, and over once it rests.
        for (const one of [device, phone])
          expect(one.frames.some(({ kind }) => kind === 'Unprotected')).toBe(true);
        expect(Object.values(device.view.alerts).some(({ code }) => code === 'unprotected')).toBe(false);
      }
      await device.client.request('positions.close', where);
      await device.until('it is closed', () => held(device, account) === undefined);
    }
  }
  await world.quiet();
  const figures = await proveMoney(world);
  say(`unprotected market ms: ${totals.reported} reported, ${totals.journalled} by the venue’s journal`);
  say(JSON.stringify(figures));
  expect(totals.journalled).toBeGreaterThan(0);
  expect(figures.unprotected.journalled).toBeGreaterThan(0);
});
