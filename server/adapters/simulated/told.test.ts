import { expect, test } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { account, fillsPushed, place, priceTo, SYMBOL, worldAt100 } from '../../testing/venue/orderSteps.ts';
import { accepted } from '../../testing/venue/venueWorld.ts';

const attached = { attachedStop: { triggerPrice: dec('95'), triggerBy: 'last' } } as const;

test('[SIM-82] loose leaves out what exchanges may not tell, of stops and of fills, and says what traded by rules of its own', async () => {
  const w = await worldAt100({ profile: 'loose' });
  accepted(await place(w, { side: 'buy', size: dec('2'), ...attached }));
  const untold = { type: 'stop_market', triggerBy: null, reduceOnly: null, triggerPrice: '95', size: '2' };
  expect((await w.venue.readAccount(account)).orders).toMatchObject([untold]);
  expect(w.pushes).toContainEqual(
    expect.objectContaining({ type: 'order', order: expect.objectContaining({ triggerBy: null }) }),
  );
  await w.control.deleverage(account, SYMBOL, dec('0.5'));
  await priceTo(w, '94');
  const told = fillsPushed(w).map(({ source, realisedPnl }) => ({ source, realisedPnl }));
  expect(new Set(told.map(({ source }) => source))).toEqual(new Set([null, 'adl']));
  expect(told.every(({ realisedPnl }) => realisedPnl === null)).toBe(true);
  expect((await w.venue.readAccount(account)).positions).toEqual([]);
  expect(await w.venue.fillsSince(account, 0)).toEqual(fillsPushed(w));
});

test('[SIM-82] it takes every other fee in another coin, which leaves the balance as it is', async () => {
  const w = await worldAt100({ profile: 'loose' });
  const balance = async () => (await w.venue.readAccount(account)).balances;
  const before = await balance();
  accepted(await place(w, { side: 'buy', size: dec('2') }));
  const [first] = fillsPushed(w);
  expect(first).toMatchObject({ feeCoin: 'USDT' });
  const after = await balance();
  expect(after).not.toEqual(before);
  accepted(await place(w, { side: 'buy', size: dec('1') }));
  expect(fillsPushed(w)[1]).toMatchObject({ feeCoin: 'BGB' });
  expect(await balance()).toEqual(after);
});

test('[SIM-82] v2-like tells no size of a stop, which is always for the whole position', async () => {
  const w = await worldAt100({ profile: 'v2-like' });
  accepted(await place(w, { side: 'buy', size: dec('2'), ...attached }));
  const told = { triggerBy: 'last', reduceOnly: true, size: null };
  expect((await w.venue.readAccount(account)).orders).toMatchObject([told]);
});
