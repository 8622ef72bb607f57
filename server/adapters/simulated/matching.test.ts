import { describe, expect, test } from 'vitest';
import { accepted, d, order, venueWorld } from '../../testing/venue/venueWorld.ts';

const account = { accountId: 'a' };

describe('fills and the ledger', () => {
  test('[SIM-1] a market order fills at once at the quote and pays the taker fee', async () => {
    const world = await venueWorld();
    world.path.script('BTCUSDT', '100');
    world.path.halfSpread = d('0.1');
    const id = accepted(await world.venue.placeOrder(order('a', { side: 'buy', size: d('2') })));
    const [fill] = await world.venue.fillsSince(account, 0);
    expect(fill).toMatchObject({
      venueOrderId: id,
      price: '100.1',
      size: '2',
      fee: '0.12012',
      realisedPnl: '0',
      liquidity: 'taker',
      source: 'order',
      cursor: 2,
    });
    const state = await world.venue.readAccount(account);
    expect(state.balances).toEqual({ USDT: '9999.87988' });
    expect(state.positions).toMatchObject([{ direction: 'long', size: '2', cost: '200.2' }]);
    expect(world.pushes.map((push) => push.type)).toEqual(['bill', 'order', 'fill', 'position', 'order']);
    expect(world.pushes.at(-1)).toMatchObject({ order: { status: 'filled', filledSize: '2' } });
  });
});
