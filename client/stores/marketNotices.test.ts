import { expect, test } from 'vitest';
import { fakeInstrument } from '../../server/testing/market/fakeMarketFeed.ts';
import type { MarketTrouble } from './catalog.svelte.ts';
import { marketNotices } from './marketNotices.ts';

const TROUBLES: Record<string, MarketTrouble> = {
  AUSDT: { kind: 'ended' },
  BUSDT: { kind: 'ended' },
  CUSDT: { kind: 'still', since: 20 },
  DUSDT: { kind: 'still', since: 10 },
  EUSDT: { kind: 'ended' },
};
const catalog = {
  venues: [{ venue: 'sim' }],
  instruments: () => [...Object.keys(TROUBLES), 'FUSDT'].map((symbol) => fakeInstrument('sim', symbol)),
  trouble: (_venue: string, symbol: string) => TROUBLES[symbol] ?? null,
};
const on = (...symbols: string[]) => symbols.map((symbol) => ({ accountId: 'acc', symbol }));

test('[UI-24] [FOUND-29] markets that ended or stand still are told to whom they matter: bots, positions, orders, or looked at', () => {
  const desk = {
    ...{ bots: on('AUSDT', 'FUSDT'), positions: on('CUSDT'), orders: on('DUSDT') },
    account: () => ({ venue: 'sim' }),
  };
  const notices = marketNotices(catalog, desk, { isWatched: (_venue, symbol) => symbol === 'BUSDT' });
  expect(notices).toEqual([
    { venue: 'sim', kind: 'ended', symbols: ['AUSDT', 'BUSDT'] },
    { venue: 'sim', kind: 'still', symbols: ['CUSDT', 'DUSDT'], since: 10 },
  ]);
  const nothing = { ...desk, bots: [], positions: [], orders: [] };
  expect(marketNotices(catalog, nothing, { isWatched: () => false })).toEqual([]);
});
