import { describe, expect, test } from 'vitest';
import {
  account,
  codeOf,
  fillsPushed,
  place,
  priceTo,
  SYMBOL,
  worldAt100,
} from '../../testing/venue/orderSteps.ts';
import { byVenueId } from '../../testing/venue/refs.ts';
import { accepted, d, order, type VenueWorld } from '../../testing/venue/venueWorld.ts';

const stopsOf = async (w: VenueWorld) =>
  (await w.venue.readAccount(account)).orders.filter((one) => one.type === 'stop_market');
const attached = (triggerPrice: string) => ({
  attachedStop: { triggerPrice: d(triggerPrice), triggerBy: 'last' as const },
});

describe('stops', () => {
  test('[SIM-14] an attached stop rests with the first fill, under its own id, and grows with further fills', async () => {
    const w = await worldAt100();
    w.path.depthSize = d('1');
    const entry = order('a', { side: 'buy', size: d('3'), price: d('99'), ...attached('95') });
    const id = accepted(await w.venue.placeOrder(entry));
    expect(await stopsOf(w)).toEqual([]);
    await priceTo(w, '99');
    const [stop] = await stopsOf(w);
    expect(stop).toMatchObject({
      clientOrderId: null,
      parentClientOrderId: entry.clientOrderId,
      side: 'sell',
      size: '1',
      triggerPrice: '95',
      reduceOnly: true,
      status: 'open',
    });
    expect(stop?.venueOrderId).not.toBe(id);
    await w.feed.advance(1);
    expect(await stopsOf(w)).toMatchObject([{ venueOrderId: stop?.venueOrderId, size: '2' }]);
    accepted(await w.venue.cancelOrder(account, SYMBOL, byVenueId(id)));
    expect(await stopsOf(w)).toMatchObject([{ size: '2' }]);
    await priceTo(w, '94');
    await w.feed.advance(1);
    expect(await w.venue.readAccount(account)).toMatchObject({ positions: [], orders: [] });
    expect(
      fillsPushed(w)
        .slice(2)
        .every((fill) => fill.source === 'stop' && fill.venueOrderId === stop?.venueOrderId),
    ).toBe(true);
  });

  test('[SIM-15] a stop triggers by the price it names, mark or last', async () => {
    const w = await worldAt100();
    accepted(await place(w, { side: 'buy', size: d('2') }));
    accepted(
      await place(w, {
        side: 'sell',
        size: d('1'),
        triggerPrice: d('95'),
        triggerBy: 'mark',
        reduceOnly: true,
      }),
    );
    accepted(
      await place(w, {
        side: 'sell',
        size: d('1'),
        triggerPrice: d('95'),
        triggerBy: 'last',
        reduceOnly: true,
      }),
    );
    w.path.markOffset = d('2');
    await priceTo(w, '94');
    expect(await stopsOf(w)).toMatchObject([{ triggerBy: 'mark' }]);
    await priceTo(w, '93');
    expect(await stopsOf(w)).toEqual([]);
    expect(fillsPushed(w).map((fill) => fill.price)).toEqual(['100', '94', '93']);
  });

  test('[SIM-16] stops and reduce-only orders of a position go with it', async () => {
    const w = await worldAt100();
    accepted(await place(w, { side: 'sell', size: d('2'), ...attached('110') }));
    accepted(await place(w, { side: 'buy', size: d('1'), price: d('96'), reduceOnly: true }));
    const entry = accepted(await place(w, { side: 'buy', size: d('1'), triggerPrice: d('104') }));
    accepted(await place(w, { side: 'buy', size: d('2'), reduceOnly: true }));
    expect((await w.venue.readAccount(account)).orders).toMatchObject([
      { venueOrderId: entry, reduceOnly: false },
    ]);
    const gone = (await w.venue.ordersSince(account, 0)).filter((one) => one.reason === 'position_closed');
    expect(gone.map((one) => one.type).sort()).toEqual(['limit', 'stop_market']);
    await priceTo(w, '105');
    expect((await w.venue.readAccount(account)).positions).toMatchObject([{ direction: 'long', size: '1' }]);
  });

  test('[SIM-17] a stop is amended in place, refused on the wrong side, and never more than its position', async () => {
    const w = await worldAt100();
    accepted(await place(w, { side: 'buy', size: d('1') }));
    const id = accepted(
      await place(w, { side: 'sell', size: d('5'), triggerPrice: d('90'), reduceOnly: true }),
    );
    accepted(await w.venue.amendOrder(account, SYMBOL, byVenueId(id, 'stop'), { triggerPrice: d('96') }));
    expect(
      codeOf(await w.venue.amendOrder(account, SYMBOL, byVenueId(id, 'stop'), { triggerPrice: d('100') })),
    ).toBe('stop_direction');
    expect(
      codeOf(await w.venue.amendOrder(account, SYMBOL, byVenueId(id, 'stop'), { triggerPrice: d('96.05') })),
    ).toBe('tick');
    expect(codeOf(await w.venue.amendOrder(account, SYMBOL, byVenueId(id, 'stop'), { size: d('0') }))).toBe(
      'size',
    );
    expect(await stopsOf(w)).toMatchObject([{ venueOrderId: id, triggerPrice: '96' }]);
    await priceTo(w, '95');
    expect(fillsPushed(w).at(-1)).toMatchObject({ source: 'stop', size: '1', price: '95' });
    expect((await w.venue.readAccount(account)).positions).toEqual([]);
  });

  test('[SIM-15] a stop that fired goes on until it is done, whatever its time in force', async () => {
    const w = await worldAt100();
    accepted(await place(w, { side: 'buy', size: d('12') }));
    accepted(
      await place(w, {
        side: 'sell',
        size: d('12'),
        triggerPrice: d('95'),
        reduceOnly: true,
        timeInForce: 'ioc',
      }),
    );
    w.path.depthSize = d('1');
    await priceTo(w, '94');
    expect((await w.venue.readAccount(account)).positions).toMatchObject([{ size: '7' }]);
    expect(await stopsOf(w)).toMatchObject([{ status: 'triggered', filledSize: '5' }]);
    await w.feed.advance(2);
    expect(await w.venue.readAccount(account)).toMatchObject({ positions: [], orders: [] });
  });

  test('[SIM-18] ideal: many stops with sizes of their own', async () => {
    const w = await worldAt100();
    accepted(await place(w, { side: 'buy', size: d('2'), ...attached('90') }));
    accepted(await place(w, { side: 'sell', size: d('1'), triggerPrice: d('95'), reduceOnly: true }));
    expect(w.venue.capabilities).toMatchObject({ positionStops: 'many', sizedStop: true });
    await priceTo(w, '94');
    expect((await w.venue.readAccount(account)).positions).toMatchObject([{ size: '1' }]);
    expect(await stopsOf(w)).toMatchObject([{ triggerPrice: '90', size: '2' }]);
  });

  test('[SIM-18] v2-like: one stop a position, always for all of it; a further entry moves it', async () => {
    const w = await worldAt100({ profile: 'v2-like' });
    expect(w.venue.capabilities).toMatchObject({ positionStops: 'one', sizedStop: false });
    accepted(await place(w, { side: 'buy', size: d('2'), ...attached('90') }));
    const [first] = await stopsOf(w);
    expect(
      codeOf(await place(w, { side: 'sell', size: d('1'), triggerPrice: d('95'), reduceOnly: true })),
    ).toBe('stop_exists');
    accepted(await place(w, { side: 'buy', size: d('1'), ...attached('92') }));
    expect(await stopsOf(w)).toMatchObject([
      { venueOrderId: first?.venueOrderId, triggerPrice: '92', size: null },
    ]);
    accepted(await place(w, { side: 'sell', size: d('1'), reduceOnly: true }));
    expect(await stopsOf(w)).toMatchObject([{ size: null }]);
    await priceTo(w, '91');
    expect(await w.venue.readAccount(account)).toMatchObject({ positions: [], orders: [] });
    expect(fillsPushed(w).at(-1)).toMatchObject({ source: 'stop', size: '2' });
  });

  test('[SIM-18] v3-like: one stop a position, with a size', async () => {
    const w = await worldAt100({ profile: 'v3-like' });
    expect(w.venue.capabilities).toMatchObject({ positionStops: 'one', sizedStop: true });
    accepted(await place(w, { side: 'buy', size: d('2') }));
    const id = accepted(
      await place(w, { side: 'sell', size: d('1'), triggerPrice: d('95'), reduceOnly: true }),
    );
    expect(
      codeOf(await place(w, { side: 'sell', size: d('1'), triggerPrice: d('94'), reduceOnly: true })),
    ).toBe('stop_exists');
    accepted(await w.venue.amendOrder(account, SYMBOL, byVenueId(id, 'stop'), { size: d('2') }));
    expect(await stopsOf(w)).toMatchObject([{ size: '2' }]);
  });

  test('[SIM-19] the Bitget-like profiles accept what cannot be matched as asked, and cancel it', async () => {
    for (const profile of ['v2-like', 'v3-like'] as const) {
      const w = await worldAt100({ profile });
      const id = accepted(
        await place(w, { side: 'buy', size: d('1'), price: d('100'), timeInForce: 'post_only' }),
      );
      expect(await w.venue.ordersSince(account, 0)).toMatchObject([
        { venueOrderId: id, status: 'cancelled', reason: 'post_only' },
      ]);
      expect(fillsPushed(w)).toEqual([]);
    }
  });

  test('[SIM-29] a client id is remembered for a day; v2-like forgets it when its order has ended', async () => {
    for (const profile of ['ideal', 'v2-like'] as const) {
      const w = await worldAt100({ profile });
      const bought = order('a', { side: 'buy', size: d('1') });
      accepted(await w.venue.placeOrder(bought));
      expect(codeOf(await w.venue.placeOrder(bought))).toBe(
        profile === 'ideal' ? 'duplicate_client_id' : 'accepted',
      );
      await w.feed.advance((60 * 24 * 3_600_000) / w.path.stepMs);
      expect(codeOf(await w.venue.placeOrder(bought))).toBe('accepted');
    }
  });
});
