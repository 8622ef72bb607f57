import { describe, expect, test } from 'vitest';
import type { PlaceOrder } from '../../ports/venue.ts';
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

const balance = async (w: VenueWorld) => (await w.venue.readAccount(account)).balances.USDT;
const ordersPushed = (w: VenueWorld, id: string) =>
  w.pushes.flatMap((push) => (push.type === 'order' && push.order.venueOrderId === id ? [push.order] : []));

describe('fills and the ledger', () => {
  test('[SIM-1] a market order fills at once at the quote and pays the taker fee', async () => {
    const w = await worldAt100();
    w.path.halfSpread = d('0.1');
    const id = accepted(await place(w, { side: 'buy', size: d('2') }));
    const [fill] = await w.venue.fillsSince(account, 0);
    expect(fill).toMatchObject({
      venueOrderId: id,
      price: '100.1',
      size: '2',
      fee: '0.12012',
      realisedPnl: '0',
      liquidity: 'taker',
      source: 'order',
      cursor: 1,
    });
    const state = await w.venue.readAccount(account);
    expect(state.balances).toEqual({ USDT: '9999.87988' });
    expect(state.positions).toMatchObject([{ direction: 'long', size: '2', cost: '200.2' }]);
    expect(w.pushes.map((push) => push.type)).toEqual(['bill', 'order', 'fill', 'position', 'order']);
    expect(w.pushes.at(-1)).toMatchObject({ order: { status: 'filled', filledSize: '2' } });
  });

  test('[SIM-2] a resting limit order fills as maker at its own price when the last price touches it', async () => {
    const w = await worldAt100();
    accepted(await place(w, { side: 'buy', size: d('1'), price: d('99') }));
    await priceTo(w, '99.1');
    expect(fillsPushed(w)).toEqual([]);
    await priceTo(w, '98');
    expect(fillsPushed(w)).toMatchObject([{ price: '99', fee: '0.0198', liquidity: 'maker' }]);
  });

  test('[SIM-3] a partial close releases cost × q/Q rounded half-even to 8 places, the rest goes at flat', async () => {
    const w = await worldAt100();
    // 3 at a cost of 300.1: a third releases 100.03333333, the last third what is left.
    w.path.script(SYMBOL, '100');
    accepted(await place(w, { side: 'buy', size: d('2') }));
    await priceTo(w, '100.1');
    accepted(await place(w, { side: 'buy', size: d('1') }));
    await priceTo(w, '101');
    for (let i = 0; i < 3; i++) accepted(await place(w, { side: 'sell', size: d('1'), reduceOnly: true }));
    expect(fillsPushed(w).map((fill) => fill.realisedPnl)).toEqual([
      '0',
      '0',
      '0.96666667',
      '0.96666666',
      '0.96666667',
    ]);
    // 10000 + 2.9 − 0.0006 × (200 + 100.1 + 303)
    expect(await balance(w)).toBe('10002.53814');
  });

  test('[SIM-3] a short realises cost less what buying back took', async () => {
    const w = await worldAt100();
    accepted(await place(w, { side: 'sell', size: d('1') }));
    await priceTo(w, '90');
    accepted(await place(w, { side: 'buy', size: d('1'), reduceOnly: true }));
    expect(fillsPushed(w)[1]).toMatchObject({ realisedPnl: '10', fee: '0.054' });
  });

  test('[SIM-4] an order larger than the position turns it around in two fills', async () => {
    const w = await worldAt100();
    accepted(await place(w, { side: 'buy', size: d('1') }));
    accepted(await place(w, { side: 'sell', size: d('3') }));
    expect(fillsPushed(w).map((fill) => fill.size)).toEqual(['1', '1', '2']);
    expect((await w.venue.readAccount(account)).positions).toMatchObject([
      { direction: 'short', size: '2', cost: '200' },
    ]);
  });

  test('[SIM-5] a step offers a bounded size at five worsening prices; a market order takes the rest in later steps', async () => {
    const w = await worldAt100();
    w.path.depthSize = d('2');
    const id = accepted(await place(w, { side: 'buy', size: d('13') }));
    expect(fillsPushed(w).map((fill) => [fill.price, fill.size])).toEqual([
      ['100', '2'],
      ['100.1', '2'],
      ['100.2', '2'],
      ['100.3', '2'],
      ['100.4', '2'],
    ]);
    expect(ordersPushed(w, id).at(-1)).toMatchObject({ status: 'partially_filled', filledSize: '10' });
    accepted(await place(w, { side: 'buy', size: d('1'), timeInForce: 'ioc' }));
    expect(fillsPushed(w)).toHaveLength(5);
    await w.feed.advance(1);
    expect(
      fillsPushed(w)
        .slice(5)
        .map((fill) => fill.size),
    ).toEqual(['2', '1']);
    expect(ordersPushed(w, id).at(-1)).toMatchObject({ status: 'filled', filledSize: '13' });
  });

  test('[SIM-6] immediate-or-cancel takes what is there, fill-or-kill all or nothing, post-only never takes', async () => {
    const w = await worldAt100();
    w.path.depthSize = d('1');
    const ioc = accepted(await place(w, { side: 'buy', size: d('2'), price: d('100'), timeInForce: 'ioc' }));
    expect(ordersPushed(w, ioc).at(-1)).toMatchObject({
      status: 'cancelled',
      filledSize: '1',
      reason: 'ioc',
    });
    await w.feed.advance(1);
    expect(codeOf(await place(w, { side: 'buy', size: d('2'), price: d('100'), timeInForce: 'fok' }))).toBe(
      'other',
    );
    accepted(await place(w, { side: 'buy', size: d('2'), price: d('100.1'), timeInForce: 'fok' }));
    expect(
      codeOf(await place(w, { side: 'buy', size: d('1'), price: d('100'), timeInForce: 'post_only' })),
    ).toBe('post_only');
    accepted(await place(w, { side: 'buy', size: d('1'), price: d('99.9'), timeInForce: 'post_only' }));
    expect(fillsPushed(w).map((fill) => fill.size)).toEqual(['1', '1', '1']);
  });

  test('[SIM-7] reduce-only never adds: capped at the position, refused without one or on its own side', async () => {
    const w = await worldAt100();
    expect(codeOf(await place(w, { side: 'sell', size: d('1'), reduceOnly: true }))).toBe('no_position');
    accepted(await place(w, { side: 'buy', size: d('1') }));
    expect(codeOf(await place(w, { side: 'buy', size: d('1'), reduceOnly: true }))).toBe('reduce_only');
    const profit = accepted(
      await place(w, { side: 'sell', size: d('1'), price: d('105'), reduceOnly: true }),
    );
    accepted(await place(w, { side: 'sell', size: d('5'), reduceOnly: true }));
    expect(fillsPushed(w).map((fill) => fill.size)).toEqual(['1', '1']);
    expect(ordersPushed(w, profit).at(-1)).toMatchObject({ status: 'cancelled', reason: 'position_closed' });
    expect(await w.venue.readAccount(account)).toMatchObject({ positions: [], orders: [] });
  });

  test('[SIM-8] funding moves rate × size × mark from longs to shorts every 8 hours, at the rate announced before', async () => {
    const w = await worldAt100({ accounts: ['a', 'b'] });
    accepted(await w.venue.placeOrder(order('a', { side: 'buy', size: d('2') })));
    accepted(await w.venue.placeOrder(order('b', { side: 'sell', size: d('2') })));
    w.path.script(SYMBOL, '105');
    await w.feed.advance((8 * 3_600_000) / w.path.stepMs);
    const fundingOf = async (accountId: string) =>
      (await w.venue.billsSince({ accountId }, 0)).filter((bill) => bill.kind === 'funding');
    expect(await fundingOf('a')).toMatchObject([{ amount: '-0.021', symbol: SYMBOL, coin: 'USDT' }]);
    expect(await fundingOf('b')).toMatchObject([{ amount: '0.021' }]);
    await w.feed.advance((8 * 3_600_000) / w.path.stepMs);
    expect(await fundingOf('a')).toHaveLength(2);
  });
});

describe('refusals', () => {
  test.each<[string, Partial<PlaceOrder> & Pick<PlaceOrder, 'side' | 'size'>]>([
    ['size', { side: 'buy', size: d('0') }],
    ['size', { side: 'buy', size: d('-1') }],
    ['size', { side: 'buy', size: d('0.00009') }],
    ['size', { side: 'buy', size: d('1201') }],
    ['step', { side: 'buy', size: d('1.00005') }],
    ['tick', { side: 'buy', size: d('1'), price: d('99.95') }],
    ['tick', { side: 'buy', size: d('1'), price: d('-1') }],
    ['price_band', { side: 'buy', size: d('1'), price: d('94.9') }],
    ['price_band', { side: 'buy', size: d('1'), price: d('105.1') }],
    ['min_notional', { side: 'buy', size: d('0.0499') }],
    ['insufficient_balance', { side: 'buy', size: d('1000') }],
    ['stop_direction', { side: 'sell', size: d('1'), triggerPrice: d('100') }],
    ['stop_direction', { side: 'buy', size: d('1'), triggerPrice: d('99') }],
    [
      'stop_direction',
      { side: 'buy', size: d('1'), attachedStop: { triggerPrice: d('101'), triggerBy: 'mark' } },
    ],
    [
      'stop_direction',
      {
        side: 'buy',
        size: d('1'),
        price: d('96'),
        attachedStop: { triggerPrice: d('97'), triggerBy: 'last' },
      },
    ],
    ['tick', { side: 'buy', size: d('1'), attachedStop: { triggerPrice: d('90.01'), triggerBy: 'last' } }],
    ['post_only', { side: 'buy', size: d('1'), timeInForce: 'post_only' }],
    ['expired', { side: 'buy', size: d('1'), notAfter: 1 }],
    ['other', { side: 'buy', size: d('1'), symbol: 'NOPE' }],
    ['other', { side: 'buy', size: d('1'), clientOrderId: 'spaces are not allowed' }],
    ['other', { side: 'buy', size: d('1'), clientOrderId: 'x'.repeat(33) }],
  ])('[SIM-9] %s: %j', async (code, fields) => {
    const w = await worldAt100();
    expect(codeOf(await place(w, fields))).toBe(code);
    expect(w.pushes.map((push) => push.type)).toEqual(['bill']);
    expect(await w.venue.readAccount(account)).toMatchObject({
      balances: { USDT: '10000' },
      positions: [],
      orders: [],
    });
  });

  test('[SIM-9] a market that is closed or takes exits only says so', async () => {
    const w = await worldAt100();
    accepted(await place(w, { side: 'buy', size: d('1') }));
    const instrument = w.path.instruments[0] ?? { status: 'trading' };
    const before = instrument.status;
    try {
      instrument.status = 'close_only';
      expect(codeOf(await place(w, { side: 'buy', size: d('1') }))).toBe('not_trading');
      expect(codeOf(await place(w, { side: 'sell', size: d('0.5'), reduceOnly: true }))).toBe('accepted');
      instrument.status = 'halted';
      expect(codeOf(await place(w, { side: 'sell', size: d('0.5'), reduceOnly: true }))).toBe('not_trading');
    } finally {
      instrument.status = before;
    }
  });

  test('[SIM-10] what open orders would need counts against the balance', async () => {
    const w = await worldAt100({ deposit: '100' });
    accepted(await place(w, { side: 'buy', size: d('5'), price: d('99') }));
    // 5 × 99 binds 49.5 at leverage 10 and 0.297 of fee: 50.203 is left, and 5 × 100 needs 50.3.
    expect(codeOf(await place(w, { side: 'buy', size: d('5'), price: d('100') }))).toBe(
      'insufficient_balance',
    );
    accepted(await place(w, { side: 'buy', size: d('4.9'), price: d('100') }));
  });

  test('[SIM-11] leverage and margin mode: bounded, and the mode stays while there is a position or an order', async () => {
    const w = await worldAt100();
    expect(codeOf(await w.venue.configureSymbol(account, SYMBOL, 126, 'isolated'))).toBe('leverage');
    expect(codeOf(await w.venue.configureSymbol(account, SYMBOL, 0, 'isolated'))).toBe('leverage');
    expect(codeOf(await w.venue.configureSymbol(account, 'NOPE', 5, 'isolated'))).toBe('other');
    accepted(await w.venue.configureSymbol(account, SYMBOL, 20, 'cross'));
    accepted(await place(w, { side: 'buy', size: d('10') }));
    expect(codeOf(await w.venue.configureSymbol(account, SYMBOL, 20, 'isolated'))).toBe('mode');
    accepted(await w.venue.configureSymbol(account, SYMBOL, 5, 'cross'));
    expect((await w.venue.readAccount(account)).positions).toMatchObject([
      { leverage: 5, marginMode: 'cross' },
    ]);
  });
});

describe('liquidation', () => {
  test('[SIM-12] isolated: at cost (1 − 1/L) / (size (1 − rate)) for a long, and it costs its margin at most', async () => {
    const w = await worldAt100();
    accepted(await place(w, { side: 'buy', size: d('2') }));
    const resting = accepted(await place(w, { side: 'buy', size: d('1'), price: d('96') }));
    // 200 × 0.9 / (2 × 0.996) = 90.3614…, up to the next tick.
    expect((await w.venue.readAccount(account)).positions[0]?.liquidationPrice).toBe('90.4');
    accepted(await w.venue.cancelOrder(account, SYMBOL, byVenueId(resting)));
    await priceTo(w, '90.4');
    expect(fillsPushed(w)).toHaveLength(1);
    await priceTo(w, '90.3');
    expect(fillsPushed(w)[1]).toMatchObject({
      source: 'liquidation',
      price: '90.3',
      size: '2',
      realisedPnl: '-19.4',
    });
    // 10000 − 0.12 − 19.4 − 0.10836
    expect(await balance(w)).toBe('9980.37164');
  });

  test('[SIM-12] isolated: a short goes at cost (1 + 1/L) / (size (1 + rate)); beyond bankruptcy the venue pays', async () => {
    const w = await worldAt100();
    accepted(await place(w, { side: 'sell', size: d('2') }));
    // 200 × 1.1 / (2 × 1.004) = 109.5617…, down to the tick before.
    expect((await w.venue.readAccount(account)).positions[0]?.liquidationPrice).toBe('109.5');
    const order = accepted(await place(w, { side: 'sell', size: d('1'), price: d('104') }));
    await priceTo(w, '120');
    const fills = fillsPushed(w);
    expect(fills[1]).toMatchObject({ source: 'liquidation', price: '120', realisedPnl: '-40' });
    expect(ordersPushed(w, order).at(-1)).toMatchObject({ status: 'cancelled', reason: 'liquidation' });
    // The margin was 20; the loss of 40 and the fee of 0.144 exceed it by 20.144.
    expect(await w.venue.billsSince(account, 1)).toMatchObject([{ kind: 'adjustment', amount: '20.144' }]);
    expect(await balance(w)).toBe('9979.88');
  });

  test('[SIM-13] cross: the whole balance carries, all cross positions go together, and it never falls below zero', async () => {
    const w = await worldAt100({ deposit: '50' });
    w.path.script('ETHUSDT', '100');
    accepted(await w.venue.configureSymbol(account, SYMBOL, 20, 'cross'));
    accepted(await w.venue.configureSymbol(account, 'ETHUSDT', 20, 'cross'));
    accepted(await place(w, { side: 'buy', size: d('4') }));
    // Balance 49.76: (400 − 49.76) / (4 × 0.996) = 87.9116…
    expect((await w.venue.readAccount(account)).positions[0]?.liquidationPrice).toBe('88');
    accepted(await place(w, { side: 'sell', size: d('1'), symbol: 'ETHUSDT' }));
    await priceTo(w, '89');
    expect(fillsPushed(w).map((fill) => fill.source)).toEqual(['order', 'order']);
    await priceTo(w, '80');
    expect(
      fillsPushed(w)
        .slice(2)
        .map((fill) => [fill.symbol, fill.source]),
    ).toEqual([
      [SYMBOL, 'liquidation'],
      ['ETHUSDT', 'liquidation'],
    ]);
    expect(await balance(w)).toBe('0');
    const bills = await w.venue.billsSince(account, 0);
    // 50 − 0.24 − 0.06 − 80 − 0.192 − 0 − 0.06 leaves −30.552.
    expect(bills.at(-1)).toMatchObject({ kind: 'adjustment', amount: '30.552' });
  });

  test('[SIM-13] what an isolated position set aside is out of reach of cross losses', async () => {
    const w = await worldAt100({ deposit: '50' });
    w.path.script('ETHUSDT', '100');
    accepted(await w.venue.configureSymbol(account, SYMBOL, 20, 'cross'));
    accepted(await w.venue.configureSymbol(account, 'ETHUSDT', 10, 'isolated'));
    accepted(await place(w, { side: 'buy', size: d('1'), symbol: 'ETHUSDT' }));
    accepted(await place(w, { side: 'buy', size: d('4') }));
    await priceTo(w, '60');
    const state = await w.venue.readAccount(account);
    expect(state.positions).toMatchObject([{ symbol: 'ETHUSDT', size: '1' }]);
    expect(state.balances.USDT).toBe('10');
  });
});
