import { expect, test } from 'vitest';
import { because } from '../../shared/domain/cause.ts';
import { dec } from '../../shared/domain/decimal.ts';
import { type Venue, VenueUnavailable } from '../ports/venue.ts';
import { Scenario } from '../testing/core/scenario.ts';
import { previewAccount } from './emergencyPreview.ts';

/** A bot's long with its stop, and what another program did at the venue since: a position and a resting order. */
function desk() {
  const s = new Scenario();
  const botId = s.tradingBot();
  const foreign = { symbol: 'SOLUSDT', side: 'buy', venueOrderId: 'x', clientOrderId: null } as const;
  s.venue.execute(foreign, dec('3'), dec('20'));
  s.venue.rest({ symbol: 'SOLUSDT', side: 'buy', type: 'limit', size: dec('1'), price: dec('19') });
  return { s, botId };
}

test('[EMER-19] [R18] the preview is what the venue has right then, each with whose it is', async () => {
  const { s, botId } = desk();
  // Only what a preview asks of a venue.
  const venue = { readAccount: async () => s.venue.state() } as Partial<Venue> as Venue;
  const preview = await previewAccount(s.desk, s.state(), venue, s.context());
  expect(preview.positions).toMatchObject([
    { symbol: 'BTCUSDT', botId, origin: 'bot' },
    { symbol: 'SOLUSDT', size: '3', botId: null, origin: 'foreign' },
  ]);
  expect(preview.orders).toMatchObject([
    { symbol: 'BTCUSDT', purpose: 'stop', botId, origin: 'bot' },
    { symbol: 'SOLUSDT', purpose: 'manual', size: '1', botId: null, origin: 'foreign' },
  ]);
  expect(preview.account).toMatchObject({ source: 'venue', asOf: s.wallTime, reason: null });
});

test('[EMER-19] a venue that does not answer: the books, how old they are, and why', async () => {
  const { s, botId } = desk();
  const asOf = s.wallTime;
  s.advance(60_000);
  const silent = () => Promise.reject(new VenueUnavailable('no route'));
  const venue = { readAccount: silent } as Partial<Venue> as Venue;
  const preview = await previewAccount(s.desk, s.state(), venue, s.context());
  expect(preview.positions).toMatchObject([{ symbol: 'BTCUSDT', botId, origin: 'bot' }]);
  expect(preview.orders).toMatchObject([{ symbol: 'BTCUSDT', purpose: 'stop' }]);
  expect(preview.account).toEqual({
    accountId: s.accountId,
    source: 'books',
    asOf,
    reason: because('unreachable', {}),
  });
});
