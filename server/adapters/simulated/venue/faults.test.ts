import { describe, expect, test } from 'vitest';
import { VenueUnavailable } from '../../../ports/venue.ts';
import { byClientId, byVenueId } from '../../../testing/venue/refs.ts';
import { accepted, d, order, venueWorld } from '../../../testing/venue/venueWorld.ts';
import { ScriptedFaults } from './scriptedFaults.ts';

const account = { accountId: 'a' };
const SYMBOL = 'BTCUSDT';
const buy = () => order('a', { side: 'buy', size: d('1') });

async function faulty() {
  const faults = new ScriptedFaults();
  return { faults, ...(await venueWorld({ faults })) };
}

describe('injected faults', () => {
  test('[SIM-50] a lost request has no effect, a lost answer has; both are unknown', async () => {
    const { venue, faults } = await faulty();
    faults.next('placeOrder', { kind: 'drop_request', afterMs: 0 });
    faults.next('placeOrder', { kind: 'drop_response', afterMs: 0 });
    const [lost, done] = [buy(), buy()];
    expect(await venue.placeOrder(lost)).toMatchObject({ outcome: 'unknown' });
    expect(await venue.placeOrder(done)).toMatchObject({ outcome: 'unknown' });
    expect(await venue.findOrder(account, SYMBOL, byClientId(lost.clientOrderId))).toBeUndefined();
    expect(await venue.findOrder(account, SYMBOL, byClientId(done.clientOrderId))).toMatchObject({
      status: 'filled',
    });
  });

  test('[SIM-51] a late request takes effect after its caller gave up on it', async () => {
    const { venue, faults, clock } = await faulty();
    const late = buy();
    faults.next('placeOrder', { kind: 'late', afterMs: 1_000 });
    expect(await venue.placeOrder(late)).toMatchObject({ outcome: 'unknown' });
    expect(await venue.findOrder(account, SYMBOL, byClientId(late.clientOrderId))).toBeUndefined();
    clock.advance(1_000);
    expect(await venue.findOrder(account, SYMBOL, byClientId(late.clientOrderId))).toMatchObject({
      status: 'filled',
    });
  });

  test('[SIM-52] calls can be delayed, refused once or until cleared; reads fail', async () => {
    const { venue, faults, clock } = await faulty();
    faults.always('placeOrder', { kind: 'reject', code: 'rate_limited' });
    for (let i = 0; i < 3; i++) expect(await venue.placeOrder(buy())).toMatchObject({ code: 'rate_limited' });
    faults.clear();
    faults.next('placeOrder', { kind: 'delay', afterMs: 10 });
    const delayed = venue.placeOrder(buy());
    clock.advance(10);
    accepted(await delayed);
    faults.next('readAccount', { kind: 'drop_response', afterMs: 0 });
    await expect(venue.readAccount(account)).rejects.toThrow(VenueUnavailable);
    expect((await venue.readAccount(account)).positions).toHaveLength(1);
  });

  test('[SIM-53] pushes can be lost, doubled, or cut off; the venue trades on and says when the stream is back', async () => {
    const { venue, faults, pushes } = await faulty();
    pushes.length = 0;
    faults.nextPush('fill', 'drop');
    faults.nextPush('order', 'duplicate');
    accepted(await venue.placeOrder(buy()));
    expect(pushes.map((push) => push.type)).toEqual(['order', 'order', 'position', 'order']);
    pushes.length = 0;
    const resting = accepted(
      await venue.placeOrder(order('a', { side: 'buy', size: d('1'), price: d('99') })),
    );
    faults.disconnect('cut');
    expect(await venue.cancelOrder(account, SYMBOL, byVenueId(resting))).toMatchObject({
      outcome: 'unknown',
    });
    await expect(venue.fillsSince(account, 0)).rejects.toThrow(VenueUnavailable);
    faults.reconnect();
    expect(pushes.map((push) => push.type)).toEqual(['order', 'interrupted', 'restored']);
    expect(await venue.fillsSince(account, 0)).toHaveLength(1);
    expect((await venue.readAccount(account)).orders).toHaveLength(1);
  });
});
