import { describe, expect, test } from 'vitest';
import { add, dec, sub, sum } from '../../../../shared/domain/decimal.ts';
import type { VenueOrderRef } from '../../../ports/venue.ts';
import { LIKELY, UNLIKELY } from '../../../standIn/bitget/switches.ts';
import {
  accepted,
  type BitgetWorldOptions,
  bitgetWorld,
  SYMBOL,
  stopAt,
} from '../../../testing/bitget/venueWorld.ts';

const DEPOSIT = dec('10000');
const ref = (
  kind: 'order' | 'stop',
  venueOrderId: string | null,
  clientOrderId: string | null,
): VenueOrderRef => ({
  kind,
  venueOrderId,
  clientOrderId,
});

/** Whatever nobody could confirm, the one way and the other. */
describe.each([
  ['v3', 'likely', LIKELY],
  ['v2', 'likely', LIKELY],
  ['v3', 'unlikely', UNLIKELY],
  ['v2', 'unlikely', UNLIKELY],
] as const)('Bitget %s where all is as is %s', (family, _how, facts) => {
  const open = async (options: BitgetWorldOptions = {}) => {
    const user = { family, bgb: '100', ...options.user };
    const world = await bitgetWorld({ ...options, user, switches: { ...facts, ...options.switches } });
    await world.venue.openAccount(world.account, DEPOSIT);
    return world;
  };
  const watched = async (options: BitgetWorldOptions = {}) => {
    const world = await open(options);
    await world.venue.watch(world.account);
    await expect.poll(() => world.pushed('restored').length).toBe(1);
    return world;
  };

  test('[BIT-35] an entry carries its stop; both are pushed, read back and found by every id', async () => {
    const { venue, account, order, pushed } = await watched();
    accepted(await venue.configureSymbol(account, SYMBOL, 5, 'cross'));
    const entry = order({ side: 'buy', attachedStop: { triggerPrice: dec('58000'), triggerBy: 'mark' } });
    const id = accepted(await venue.placeOrder(entry));
    await expect.poll(() => pushed('fill').length).toBe(1);
    expect(pushed('fill')[0]?.fill).toMatchObject({
      ...{
        venueOrderId: id,
        clientOrderId: entry.clientOrderId,
        side: 'buy',
        size: '0.1',
        feeCoin: facts.feeCoin,
      },
    });
    await expect.poll(() => pushed('order').some((push) => push.order.status === 'filled')).toBe(true);
    const state = await venue.readAccount(account);
    expect(state.positions).toMatchObject([
      { symbol: SYMBOL, direction: 'long', size: '0.1', leverage: 5, marginMode: 'cross' },
    ]);
    const [stop, ...more] = state.orders;
    expect(more).toEqual([]);
    expect(stop).toMatchObject({
      ...{ type: 'stop_market', side: 'sell', triggerPrice: '58000', reduceOnly: true, status: 'open' },
      ...{ clientOrderId: null, symbol: SYMBOL },
    });
    for (const ids of [
      ref('order', id, null),
      ref('order', null, entry.clientOrderId),
      ref('order', 'x', entry.clientOrderId),
    ])
      expect(await venue.findOrder(account, SYMBOL, ids)).toMatchObject({
        venueOrderId: id,
        status: 'filled',
      });
    expect(await venue.findOrder(account, SYMBOL, ref('stop', stop?.venueOrderId ?? '', null))).toEqual(stop);
    expect(await venue.findOrder(account, SYMBOL, ref('order', null, 'never'))).toBeUndefined();
    expect(await venue.findOrder(account, SYMBOL, ref('stop', null, 'never'))).toBeUndefined();
  });

  test('[BIT-35] a stop is placed, moved without losing what it fires by, and cancelled by our id alone', async () => {
    const { venue, account, order, truth } = await open();
    accepted(await venue.placeOrder(order({ side: 'buy' })));
    const stop = order(stopAt('58000'));
    const id = accepted(await venue.placeOrder(stop));
    const moved = accepted(
      await venue.amendOrder(account, SYMBOL, ref('stop', id, stop.clientOrderId), {
        triggerPrice: dec('58500'),
      }),
    );
    const shown = await venue.findOrder(account, SYMBOL, ref('stop', moved, stop.clientOrderId));
    expect(shown).toMatchObject({
      ...{ clientOrderId: stop.clientOrderId, triggerPrice: '58500', triggerBy: 'mark', size: null },
      ...{ reduceOnly: true, side: 'sell' },
    });
    expect(truth().stops).toMatchObject([{ mode: 'full', stopLoss: '58500' }]);
    const second = order(stopAt('57000'));
    const answer = await venue.placeOrder(second);
    expect(answer).toMatchObject(
      facts.secondStop === 'refused' ? { code: 'stop_exists' } : { outcome: 'accepted' },
    );
    expect(truth().stops).toHaveLength(1);
    const resting = answer.outcome === 'accepted' ? second : stop;
    accepted(await venue.cancelOrder(account, SYMBOL, ref('stop', null, resting.clientOrderId)));
    expect(truth().stops).toEqual([]);
    expect(await venue.cancelOrder(account, SYMBOL, ref('stop', id, stop.clientOrderId))).toMatchObject({
      code: 'no_such_order',
    });
  });

  test.each([true, false])(
    '[BIT-36] a working order is changed and stays ours, whether or not its id does (%s)',
    async (amendKeepsId) => {
      const { venue, account, order, truth } = await watched({ switches: { amendKeepsId } });
      const limit = order({ side: 'buy', type: 'limit', price: dec('59000') });
      const id = accepted(await venue.placeOrder(limit));
      const now = accepted(
        await venue.amendOrder(account, SYMBOL, ref('order', id, limit.clientOrderId), {
          price: dec('58900'),
          size: dec('0.2'),
        }),
      );
      const state = await venue.readAccount(account);
      expect(state.orders).toMatchObject([
        {
          venueOrderId: now,
          clientOrderId: limit.clientOrderId,
          price: '58900',
          size: '0.2',
          status: 'open',
        },
      ]);
      const again = accepted(
        await venue.amendOrder(account, SYMBOL, ref('order', now, limit.clientOrderId), {
          price: dec('58800'),
        }),
      );
      expect(await venue.findOrder(account, SYMBOL, ref('order', again, limit.clientOrderId))).toMatchObject({
        ...{ clientOrderId: limit.clientOrderId, price: '58800', size: '0.2' },
      });
      accepted(await venue.cancelOrder(account, SYMBOL, ref('order', again, limit.clientOrderId)));
      expect(truth().openOrders).toEqual([]);
    },
  );

  test('[BIT-37] hedge mode: entries open their side, what reduces closes it, stops guard it, and nothing is switched', async () => {
    const { venue, account, order, truth, standIn, apiKey } = await open({
      user: { holdMode: 'hedge_mode' },
    });
    accepted(await venue.placeOrder(order({ side: 'sell' })));
    accepted(await venue.placeOrder(order(stopAt('62000', 'buy'))));
    const state = await venue.readAccount(account);
    expect(state.positions).toMatchObject([{ direction: 'short', size: '0.1' }]);
    expect(state.orders).toMatchObject([{ side: 'buy', type: 'stop_market', reduceOnly: true }]);
    const close = order({ side: 'buy', reduceOnly: true, size: dec('0.04') });
    const id = accepted(await venue.placeOrder(close));
    expect(await venue.findOrder(account, SYMBOL, ref('order', id, null))).toMatchObject({
      ...{ side: 'buy', reduceOnly: true, filledSize: '0.04' },
    });
    expect(truth().positions).toMatchObject([{ direction: 'short', size: '0.06' }]);
    const fills = await venue.fillsSince(account, 0);
    expect(fills.map(({ side, size }) => [side, size])).toEqual([
      ['sell', '0.1'],
      ['buy', '0.04'],
    ]);
    accepted(await venue.closePosition(account, SYMBOL));
    expect(truth().positions).toEqual([]);
    expect(standIn.exchange.user(apiKey)?.trader.settings.holdMode).toBe('hedge_mode');
  });

  test('[BIT-38] fills and bills since a cursor add up to the balance, each once, and name whose they are', async () => {
    const { venue, account, order, control } = await open();
    const first = order({ side: 'buy' });
    accepted(await venue.placeOrder(first));
    control.price(SYMBOL, '61000');
    const second = order({ side: 'sell', reduceOnly: true });
    accepted(await venue.placeOrder(second));
    const fills = await venue.fillsSince(account, 0);
    expect(fills.map(({ clientOrderId }) => clientOrderId)).toEqual([
      first.clientOrderId,
      second.clientOrderId,
    ]);
    const bills = await venue.billsSince(account, 0);
    expect(bills).toMatchObject([{ kind: 'transfer', amount: '10000', coin: 'USDT' }]);
    const realised = sum(
      fills.map(({ realisedPnl, fee, feeCoin }) =>
        sub(realisedPnl ?? dec('0'), feeCoin === 'USDT' ? fee : dec('0')),
      ),
    );
    const state = await venue.readAccount(account);
    expect(state.balances.USDT).toBe(add(sum(bills.map(({ amount }) => amount)), realised));
    expect(state.cursors.fills).toBe(fills[1]?.cursor);
    expect(await venue.fillsSince(account, state.cursors.fills)).toEqual([]);
    expect(await venue.billsSince(account, state.cursors.bills)).toEqual([]);
    const ended = await venue.ordersSince(account, 0);
    expect(ended.map(({ clientOrderId, status }) => [clientOrderId, status])).toEqual([
      [first.clientOrderId, 'filled'],
      [second.clientOrderId, 'filled'],
    ]);
  });

  test('[BIT-39] a stop that fires is followed to the order it became', async () => {
    const { venue, account, order, control, pushed } = await watched();
    accepted(await venue.placeOrder(order({ side: 'buy' })));
    const stop = order(stopAt('59000'));
    const id = accepted(await venue.placeOrder(stop));
    control.price(SYMBOL, '58990');
    await expect.poll(() => pushed('fill').length).toBe(2);
    const became = pushed('fill')[1]?.fill.venueOrderId;
    const shown = await venue.findOrder(account, SYMBOL, ref('stop', id, stop.clientOrderId));
    // Where nothing links the two, it is not told.
    const isTold = facts.subOrdersLinked;
    expect(shown).toMatchObject({ status: 'triggered', becameOrderId: isTold ? became : null });
    if (isTold)
      await expect.poll(() => pushed('order').some((push) => push.order.becameOrderId === became)).toBe(true);
    expect((await venue.readAccount(account)).positions).toEqual([]);
  });

  test('[BIT-40] a write whose answer is lost is unknown, and found', async () => {
    const { venue, account, order, control } = await open();
    const path = '/place-order';
    for (const kind of ['cut', 'html', 'empty'] as const) {
      control.fault({ kind, match: { path }, carriedOut: true });
      const lost = order({ side: 'buy', type: 'limit', price: dec('59000') });
      expect(await venue.placeOrder(lost)).toMatchObject({ outcome: 'unknown' });
      expect(await venue.findOrder(account, SYMBOL, ref('order', null, lost.clientOrderId))).toMatchObject({
        status: 'open',
      });
      accepted(await venue.cancelOrder(account, SYMBOL, ref('order', null, lost.clientOrderId)));
    }
    control.fault({ kind: 'code', code: '40725', match: { path } });
    expect(await venue.placeOrder(order({ side: 'buy' }))).toMatchObject({ outcome: 'unknown' });
  });

  test('[BIT-40] an order that is taken without an id, since it took the place of another (?), is found by ours', async () => {
    const { venue, account, order, truth } = await open();
    accepted(await venue.placeOrder(order({ side: 'buy' })));
    const close = { side: 'sell', type: 'limit', reduceOnly: true } as const;
    const first = order({ ...close, price: dec('61000') });
    const second = order({ ...close, price: dec('61500') });
    for (const each of [first, second]) {
      const id = accepted(await venue.placeOrder(each));
      expect(await venue.findOrder(account, SYMBOL, ref('order', id, null))).toMatchObject({
        clientOrderId: each.clientOrderId,
      });
    }
    expect(truth().openOrders).toHaveLength(facts.oversizedReduceOnly === 'replaces' ? 1 : 2);
  });

  test('[BIT-41] HTML with 200, an empty body and a code are no flat account: the reading fails', async () => {
    const { venue, account, order, control, truth } = await open();
    accepted(await venue.placeOrder(order({ side: 'buy' })));
    const path = family === 'v3' ? '/current-position' : '/all-position';
    for (const fault of [
      { kind: 'html' },
      { kind: 'empty' },
      { kind: 'cut' },
      { kind: 'code', code: '40200' },
    ] as const) {
      control.fault({ ...fault, match: { path } });
      await expect(venue.readAccount(account)).rejects.toMatchObject({ name: 'VenueUnavailable' });
    }
    expect((await venue.readAccount(account)).positions).toHaveLength(1);
    expect(truth().positions).toHaveLength(1);
  });

  test('[BIT-42] once maintenance is told, by a socket or an answer, nothing is begun, and what reduces goes on', async () => {
    const { venue, account, order, control } = await watched();
    accepted(await venue.placeOrder(order({ side: 'buy' })));
    control.fault({ kind: 'code', code: '45001', match: { path: '/place-order' } });
    expect(await venue.placeOrder(order({ side: 'buy' }))).toMatchObject({ outcome: 'unknown' });
    expect(await venue.placeOrder(order({ side: 'buy' }))).toMatchObject({ code: 'maintenance' });
    accepted(await venue.placeOrder(order({ side: 'sell', reduceOnly: true })));
    const other = await watched();
    other.control.upgrade(600_000);
    await expect
      .poll(async () => {
        const answer = await other.venue.placeOrder(
          other.order({ side: 'buy', type: 'limit', price: dec('50000') }),
        );
        return answer.outcome === 'rejected' ? answer.code : answer.outcome;
      })
      .toBe('maintenance');
    expect((await venue.readAccount(account)).positions).toEqual([]);
  });

  test('[BIT-43] a dropped stream is told, comes back, and what was missed is found by reading', async () => {
    const { venue, account, order, control, pushed, apiKey } = await watched();
    const { cursors } = await venue.readAccount(account);
    control.drop(apiKey);
    await expect.poll(() => pushed('interrupted').length).toBe(1);
    const missed = order({ side: 'buy' });
    accepted(await venue.placeOrder(missed));
    await expect.poll(() => pushed('restored').length).toBe(2);
    expect(pushed('restored')[1]).toEqual({ type: 'restored', accountIds: ['a'] });
    expect(await venue.fillsSince(account, cursors.fills)).toMatchObject([
      { clientOrderId: missed.clientOrderId },
    ]);
  });

  test('[BIT-50] under load the exchange refuses nothing, and an exit goes before all that waits', async () => {
    const { venue, account, order, standIn } = await open({ limits: true });
    accepted(await venue.placeOrder(order({ side: 'buy' })));
    const done: string[] = [];
    const load = [
      ...Array.from({ length: 12 }, () =>
        venue.readAccount(account).then(
          () => done.push('reading'),
          () => {},
        ),
      ),
      ...Array.from({ length: 30 }, (_, index) =>
        venue
          .placeOrder(
            order({ side: 'buy', type: 'limit', price: dec(String(50_000 + index)), size: dec('0.01') }),
          )
          .then(() => done.push('entry')),
      ),
    ];
    accepted(await venue.placeOrder(order({ side: 'sell', reduceOnly: true })));
    const before = done.length;
    await Promise.all(load);
    expect(before).toBeLessThan(load.length / 2);
    expect([...standIn.http.limits.refused.keys()]).toEqual([]);
  });

  test('[BIT-48] an order refused for a rule says that the rules may differ; an account opened anew keeps what it knows', async () => {
    const { venue, account, order, differing } = await open();
    const entry = order({ side: 'buy' });
    accepted(await venue.placeOrder(entry));
    await venue.openAccount(account, DEPOSIT);
    expect(await venue.fillsSince(account, 0)).toMatchObject([{ clientOrderId: entry.clientOrderId }]);
    expect(differing()).toBe(0);
    expect(await venue.placeOrder(order({ side: 'buy', size: dec('0.00001') }))).toMatchObject({
      outcome: 'rejected',
    });
    expect(differing()).toBe(1);
  });

  test('[BIT-44] ADL is pushed as what it is, and a change of the wallet brings its bills', async () => {
    const { venue, order, control, pushed, apiKey, standIn } = await watched();
    accepted(await venue.placeOrder(order({ side: 'buy' })));
    await expect.poll(() => pushed('fill').length).toBe(1);
    control.deleverage(apiKey, SYMBOL, '0.04');
    await expect.poll(() => pushed('fill').length).toBe(2);
    const { fill } = pushed('fill')[1] ?? {};
    expect(fill).toMatchObject({ side: 'sell', size: '0.04', clientOrderId: null });
    standIn.exchange.user(apiKey)?.trader.deposit(dec('500'));
    control.tick();
    await expect.poll(() => pushed('bill').map((push) => push.bill.amount)).toContain('500');
  });
});

describe('keys', () => {
  const opening = async (options: BitgetWorldOptions) => {
    const { venue, account, parts } = await bitgetWorld(options);
    const error: unknown = await venue.openAccount(account, DEPOSIT).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const shown = error instanceof Error ? `${error.message}${error.stack}${JSON.stringify(error)}` : '';
    for (const part of Object.values(parts)) expect(shown).not.toContain(part);
    return error;
  };

  test('[BIT-45] a key that can withdraw is refused, as are those that cannot trade or are of the other environment', async () => {
    const fault = (kind: string) => ({ name: 'VenueUnavailable', cause: { fault: { kind } } });
    expect(await opening({ user: { permissions: ['uta_trade', 'withdraw'] } })).toMatchObject(
      fault('can_withdraw'),
    );
    expect(await opening({ user: { family: 'v2', permissions: ['contract_order', 'wwow'] } })).toMatchObject(
      fault('can_withdraw'),
    );
    expect(await opening({ user: { readOnly: true } })).toMatchObject(fault('permission'));
    expect(await opening({ user: { family: 'v2', readOnly: true } })).toMatchObject(fault('permission'));
    expect(await opening({ user: { environment: 'live' } })).toMatchObject(fault('wrong_environment'));
    expect(await opening({ user: { ips: ['10.1.2.3'] } })).toMatchObject(fault('address'));
    expect(await opening({ user: { accountMode: 'upgrading' } })).toMatchObject({ name: 'VenueUnavailable' });
    expect(await opening({ user: { apiKey: 'another' } })).toMatchObject(fault('keys'));
    expect(await opening({})).toBeUndefined();
  });

  test('[BIT-45] an account that takes isolated margin alone is not asked for cross', async () => {
    const { venue, account, order } = await bitgetWorld({ user: { accountLevel: 'isolated' } });
    expect(await venue.configureSymbol(account, SYMBOL, 5, 'cross')).toMatchObject({ code: 'mode' });
    accepted(await venue.configureSymbol(account, SYMBOL, 5, 'isolated'));
    accepted(await venue.placeOrder(order({ side: 'buy' })));
    expect((await venue.readAccount(account)).positions).toMatchObject([{ marginMode: 'isolated' }]);
  });
});
