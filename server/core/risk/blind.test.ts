import { describe, expect, it } from 'vitest';
import { add, dec, sub } from '../../../shared/domain/decimal.ts';
import { HOUR, RiskDesk } from '../../testing/core/riskDesk.ts';
import { deserializeDesk, serializeDesk } from '../fold/snapshot.ts';

const names = (breaches: readonly { limit: string }[]): string[] => breaches.map(({ limit }) => limit);

/** 0.1 BTC and 1 ETH long by hand, 300 a day allowed; the first look was taken. */
function twoPositions(): RiskDesk {
  const s = new RiskDesk();
  s.tick();
  s.set({ dailyLoss: dec('300') });
  s.trade('buy', '0.1');
  s.trade('buy', '1', { symbol: 'ETHUSDT' });
  s.tick();
  return s;
}

/** Looks once a second, as the server does. */
function watch(s: RiskDesk, ms: number): void {
  for (let passed = 0; passed < ms; passed += 10_000) s.tick(10_000);
}

describe('limits that cannot see everything', () => {
  it('[FOUND-17] [RISK-20] a symbol without a price hides no loss of the others, and is closed as well', () => {
    const s = twoPositions();
    s.price(null, 'ETHUSDT');
    s.price('16000');
    s.tick();
    expect(s.limits().breaches).toMatchObject([{ limit: 'daily_loss', allowed: '-300' }]);
    expect(s.sending('close').map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'ETHUSDT']);
  });

  it('[FOUND-17] a loss at the last price that was seen counts while there is none', () => {
    const s = twoPositions();
    s.price('1300', 'ETHUSDT');
    s.price(null, 'ETHUSDT');
    s.price('18900');
    s.tick();
    // 200 unseen, 110 seen.
    expect(names(s.limits().breaches)).toEqual(['daily_loss']);
  });

  it('[FOUND-17] [RISK-20] [RISK-18] a peak that was reached by a gain is no drawdown because the gain is out of sight', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ drawdownPct: dec('3') });
    s.trade('buy', '0.1');
    s.price('24000');
    s.tick();
    expect(Number(s.limits().peakEquity)).toBeGreaterThan(10_390);
    s.price(null);
    watch(s, 300_000);
    expect(s.limits().breaches).toEqual([]);
    s.price('20800');
    s.tick();
    expect(names(s.limits().breaches)).toEqual(['drawdown']);
  });

  it('[FOUND-17] a gain out of sight covers a loss for two minutes and no longer', () => {
    const s = twoPositions();
    s.price('1900', 'ETHUSDT');
    s.tick(60_000);
    s.price(null, 'ETHUSDT');
    s.price('16800');
    watch(s, 50_000);
    expect(s.limits().breaches).toEqual([]);
    watch(s, 80_000);
    expect(names(s.limits().breaches)).toEqual(['daily_loss']);
  });

  it('[FOUND-17] [RISK-18] what is not known raises no peak, and a short gap in the prices of what gains breaks nothing', () => {
    const s = twoPositions();
    s.set({ drawdownPct: dec('1') });
    s.price('26000');
    s.tick();
    const { peakEquity } = s.limits();
    s.price(null, 'ETHUSDT');
    s.price('27000');
    watch(s, 60_000);
    expect(s.limits()).toMatchObject({ peakEquity, breaches: [] });
    s.price('1500', 'ETHUSDT');
    s.tick();
    expect(s.limits().peakEquity).toBe(s.equityAtVenue());
  });

  it('[FOUND-17] [RISK-22] [RISK-23] an account that cannot be read switches off no limit of its book; closing it is tried', () => {
    const s = new RiskDesk();
    const other = s.openAccount('Second');
    s.tick();
    s.setBook({ dailyLoss: dec('300') });
    s.trade('buy', '0.1');
    s.trade('buy', '1', { accountId: other, symbol: 'ETHUSDT' });
    s.price('1400', 'ETHUSDT');
    s.tick(60_000);
    s.give({ type: 'AccountUnreadable', accountId: other, reason: 'no route' });
    expect(s.denial(s.request('buy', '0.01'))).toMatchObject({ limit: 'equity_known' });
    s.price('17950');
    s.tick();
    // 205 of the first, 100 of the second as they were seen last, and fees.
    expect(s.bookLimits().breaches).toMatchObject([{ limit: 'daily_loss', policy: 'flatten' }]);
    expect(s.sending('close').map(({ accountId }) => accountId)).toEqual([s.accountId, other]);
  });

  it('[FOUND-17] a loss of an unreadable account by itself is enforced there, at prices that are seen', () => {
    const s = twoPositions();
    s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'no route' });
    s.price('16000');
    watch(s, 10_000);
    expect(names(s.limits().breaches)).toEqual(['daily_loss']);
    expect(s.sending('close')).not.toEqual([]);
  });

  it('[FOUND-17] [RISK-17] after a restart nothing is judged by books and prices that were not read yet', () => {
    const s = twoPositions();
    s.price('24000');
    s.tick(60_000);
    s.jump(24 * HOUR);
    s.tick(61_000);
    expect(s.limits().dayStart?.equity).toBe(s.equityAtVenue());
    s.price(null);
    s.lastQuotes.clear();
    s.advance(5 * HOUR);
    s.desk = deserializeDesk(serializeDesk(s.desk));
    s.give({ type: 'Recovered', downMs: 5 * HOUR, latch: null });
    watch(s, 60_000);
    expect(s.limits().breaches).toEqual([]);
    // A gain that nobody sees any more counts no longer.
    watch(s, 90_000);
    expect(names(s.limits().breaches)).toEqual(['daily_loss']);
  });

  it('[FOUND-17] [RISK-17] a day that begins while a price is missing begins with what was seen last', () => {
    const s = twoPositions();
    s.price('1400', 'ETHUSDT');
    s.tick(60_000);
    const seen = s.equityAtVenue();
    s.price(null, 'ETHUSDT');
    s.jump(3 * HOUR);
    expect(s.limits().dayStart).toMatchObject({ ts: s.marketTime, equity: seen });
    s.price('1050', 'ETHUSDT');
    s.tick();
    expect(s.limits().breaches).toMatchObject([{ limit: 'daily_loss', actual: '-350' }]);
  });
});

describe('a day and the clocks', () => {
  /** The day's loss is broken, and nothing is open. */
  function broken(): RiskDesk {
    const s = twoPositions();
    s.price('16000');
    s.tick();
    s.settle();
    s.tick();
    s.settle();
    expect([names(s.limits().breaches), s.isFlat]).toEqual([['daily_loss'], true]);
    return s;
  }

  it('[FOUND-17] [RISK-15] one bill or fill that is told to be of tomorrow ends no breached day', () => {
    const s = broken();
    const tomorrow = s.marketTime + 24 * HOUR;
    const bill = { ...s.venue.bill('transfer', '10'), ts: tomorrow };
    s.venue.pushes = [];
    s.give({ type: 'VenueBillSeen', accountId: s.accountId, bill });
    expect(names(s.limits().breaches)).toEqual(['daily_loss']);
    s.venue.execute(
      { symbol: 'SOLUSDT', side: 'buy', venueOrderId: 'x', clientOrderId: null },
      dec('1'),
      dec('100'),
    );
    for (const push of s.venue.pushes) {
      if (push.type === 'fill') s.push({ ...push, fill: { ...push.fill, ts: tomorrow } });
    }
    s.tick();
    expect(names(s.limits().breaches)).toEqual(['daily_loss']);
    s.jump(24 * HOUR);
    expect(s.limits().breaches).toEqual([]);
  });

  it('[FOUND-17] [RISK-15] a venue whose clock jumps a day ahead, and stays there, ends the day no sooner than the wall clock does', () => {
    const s = broken();
    const { dayStart } = s.limits();
    s.marketTime += 24 * HOUR;
    watch(s, HOUR);
    expect(s.limits()).toMatchObject({ dayStart, breaches: [{ limit: 'daily_loss' }] });
    s.jump(24 * HOUR);
    expect(s.limits().breaches).toEqual([]);
  });

  it('[FOUND-17] a market that runs sixty times as fast has days sixty times as short', () => {
    const s = broken();
    s.facts.speed = 60;
    s.wallTime += 24 * 60_000;
    s.marketTime += 24 * HOUR;
    s.tick(0);
    expect(s.limits().breaches).toEqual([]);
  });

  it('[FOUND-17] a wall clock that was set back does not keep a day from ending', () => {
    const s = broken();
    s.wallTime -= 30 * HOUR;
    s.marketTime += 24 * HOUR;
    s.tick(0);
    expect(s.limits().breaches).toEqual([]);
  });

  it('[FOUND-17] [RISK-17] the first fill after midnight that is told hours late begins the day where it belongs, and the next one on time', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ dailyLoss: dec('300') });
    s.trade('buy', '0.1');
    s.tick(60_000);
    const before = s.equityAtVenue();
    s.give({ type: 'StreamInterrupted', accountId: s.accountId, reason: 'gone' });
    s.advance(4 * HOUR);
    s.venue.execute(
      { symbol: 'BTCUSDT', side: 'sell', venueOrderId: 'x', clientOrderId: null },
      dec('0.1'),
      dec('19900'),
    );
    const at = s.marketTime;
    s.venue.pushes = [];
    s.advance(3 * HOUR);
    s.readLater();
    expect(s.limits().dayStart).toMatchObject({ ts: at, equity: before });
    expect(sub(s.equityAtVenue(), before)).toBe(add(dec('-10'), dec('-1.194')));
    const hoursLeft = 24 - new Date(s.marketTime).getUTCHours();
    s.jump(hoursLeft * HOUR);
    expect(s.limits().dayStart?.ts).toBe(s.marketTime);
  });

  it('[FOUND-17] [RISK-20] a winning position that the day began with is not closed because its price is away', () => {
    const s = twoPositions();
    s.set({ drawdownPct: dec('3') });
    s.price('26000');
    s.tick(60_000);
    s.jump(24 * HOUR);
    expect(s.limits().dayStart?.equity).toBe(s.equityAtVenue());
    s.price(null);
    watch(s, 30 * 60_000);
    expect(s.limits().breaches).toEqual([]);
    expect(s.sending('close')).toEqual([]);
    expect(s.denial(s.request('buy', '0.01'))).toMatchObject({ limit: 'fresh_price' });
    // What the others lose meanwhile is enforced.
    s.price('1190', 'ETHUSDT');
    s.tick();
    expect(names(s.limits().breaches)).toEqual(['daily_loss']);
  });

  it('[FOUND-17] [RISK-20] nor is one of an account that cannot be read, unless it loses at the prices that are seen', () => {
    const s = twoPositions();
    s.set({ drawdownPct: dec('3') });
    s.price('26000');
    s.tick(60_000);
    s.jump(24 * HOUR);
    s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'no route' });
    watch(s, 30 * 60_000);
    expect(s.limits().breaches).toEqual([]);
    s.price('22500');
    s.tick();
    // 350 of 300, and 3.3 % of the peak.
    expect(names(s.limits().breaches)).toEqual(['daily_loss', 'drawdown']);
  });
});

describe('a day that begins while something is out of sight', () => {
  it.each(['books', 'price'] as const)(
    '[FOUND-17] [RISK-24] a book that is limited while the %s of one is not seen takes the day over, and enforces what is known',
    (unseen) => {
      const s = new RiskDesk();
      const other = s.openAccount('other');
      s.trade('buy', '1', { accountId: other, symbol: 'ETHUSDT' });
      s.trade('buy', '0.3');
      s.tick();
      if (unseen === 'price') s.price(null, 'ETHUSDT');
      else s.give({ type: 'AccountUnreadable', accountId: other, reason: 'gone' });
      s.setBook({ dailyLoss: dec('200') });
      s.tick();
      expect(names(s.bookLimits().breaches)).toEqual([]);
      s.price('19000');
      s.tick();
      expect(names(s.bookLimits().breaches)).toEqual(['daily_loss']);
    },
  );

  it('[FOUND-17] [RISK-20] what a new day begins with, gains that nobody sees among it, is no loss of it', () => {
    const s = new RiskDesk();
    s.set({ dailyLoss: dec('200') });
    s.tick();
    const midnight = Math.ceil(s.marketTime / (24 * HOUR)) * 24 * HOUR;
    s.jump(midnight - s.marketTime - 10 * 60_000);
    s.trade('buy', '0.3');
    s.price('21000');
    s.tick();
    s.price(null);
    s.jump(5 * 60_000);
    s.jump(5 * 60_000 + 1);
    s.tick();
    expect(s.limits().dayStart?.ts).toBeGreaterThanOrEqual(midnight);
    expect(names(s.limits().breaches)).toEqual([]);
    expect(s.sending('close')).toEqual([]);
  });
});
