import { describe, expect, onTestFinished, test } from 'vitest';
import { VenueUnavailable } from '../../../ports/venue.ts';
import { testDatabase } from '../../../testing/postgres.ts';
import { silentLogger } from '../../../testing/silentLogger.ts';
import { byClientId } from '../../../testing/venue/refs.ts';
import { accepted, d, order, venueWorld } from '../../../testing/venue/venueWorld.ts';
import { systemClock } from '../../clock/systemClock.ts';
import { MemoryVenueStore } from '../store/memoryVenueStore.ts';
import { PostgresVenueStore } from '../store/postgresVenueStore.ts';
import { type VenueBatch, VenueRowsRefused } from '../store/venueStore.ts';

const SYMBOL = 'BTCUSDT';

/** Takes nothing of one account. */
class RefusingStore extends MemoryVenueStore {
  refused: string | null = null;

  override async commit(batch: VenueBatch): Promise<void> {
    if (batch.accounts.some(({ accountId }) => accountId === this.refused))
      throw new VenueRowsRefused('of that account nothing is stored');
    await super.commit(batch);
  }
}

describe('what can never be stored', () => {
  const accounts = ['a', 'b', 'c', 'd', 'e'];

  test('[SIM-42] costs its own account, which is again as it was stored, with all that it waits for', async () => {
    const store = new RefusingStore();
    const w = await venueWorld({ store, accounts });
    const resting = order('b', { side: 'buy', size: d('1'), price: d('97') });
    accepted(await w.venue.placeOrder(resting));
    w.path.script(SYMBOL, '100', '96', '96');
    store.refused = 'b';
    const lost = order('b', { side: 'buy', size: d('2') });
    const answers = await Promise.all([
      ...accounts.map((id) =>
        w.venue.placeOrder(id === 'b' ? lost : order(id, { side: 'buy', size: d('2') })),
      ),
      w.venue.readAccount({ accountId: 'a' }),
    ]);
    expect(answers.map((answer) => ('outcome' in answer ? answer.outcome : answer.positions.length))).toEqual(
      ['accepted', 'unknown', 'accepted', 'accepted', 'accepted', 1],
    );
    store.refused = null;
    expect((await w.venue.readAccount({ accountId: 'b' })).positions).toEqual([]);
    expect(
      await w.venue.findOrder({ accountId: 'b' }, SYMBOL, byClientId(lost.clientOrderId)),
    ).toBeUndefined();
    await w.feed.advance(2);
    expect(await w.venue.fillsSince({ accountId: 'b' }, 0)).toMatchObject([{ price: '97' }]);
    for (const id of accounts) accepted(await w.venue.placeOrder(order(id, { side: 'buy', size: d('1') })));
    await w.stop();
  });

  test('[SIM-42] text that PostgreSQL does not keep costs the account that it belongs to', async () => {
    const { url, drop } = await testDatabase('empty');
    onTestFinished(drop);
    const store = new PostgresVenueStore({ url, clock: systemClock, logger: silentLogger });
    const w = await venueWorld({ store });
    onTestFinished(w.stop);
    for (const accountId of ['x\0', 'x\ud800']) {
      const opened = w.venue.openAccount({ accountId }, d('1')).catch((error: unknown) => error);
      accepted(await w.venue.placeOrder(order('a', { side: 'buy', size: d('1') })));
      expect(await opened).toBeInstanceOf(VenueUnavailable);
    }
    accepted(await w.venue.placeOrder(order('a', { side: 'buy', size: d('1') })));
    expect(await w.venue.fillsSince({ accountId: 'a' }, 0)).toHaveLength(3);
  });
});
