import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LimitValues } from '../../../shared/domain/account.ts';
import { add, dec, mul, sub, sum } from '../../../shared/domain/decimal.ts';
import { reduceView } from '../../../shared/view/reduceView.ts';
import { emptyView } from '../../../shared/view/view.ts';
import { HOUR, RiskDesk } from '../../testing/core/riskDesk.ts';
import { enter } from '../../testing/core/samples.ts';
import type { Context } from '../context.ts';
import { deserializeDesk, serializeDesk } from '../fold/snapshot.ts';
import { dayChange } from './breach.ts';

/** Two accounts of the simulated book, ready. */
function twoAccounts(): { s: RiskDesk; other: string } {
  const s = new RiskDesk();
  const other = s.openAccount('Second');
  s.tick();
  return { s, other };
}

/** The best ask may lie far above the mark. */
class ThinBook extends RiskDesk {
  askOverMark = dec('1');

  override context(): Context {
    const context = super.context();
    const quote: Context['quote'] = (venue, symbol) => {
      const known = context.quote(venue, symbol);
      return known === undefined ? undefined : { ...known, ask: mul(known.mark, this.askOverMark) };
    };
    return { ...context, quote };
  }
}

describe('limits over a book', () => {
  it('[RISK-22] [N7] the loss of two accounts adds up, and halts every bot of both with the figure, by the policy', () => {
    const { s, other } = twoAccounts();
    s.setBook({ dailyLoss: dec('150') });
    const first = s.tradingBot();
    const second = s.runningBot({ accountId: other });
    s.trade('buy', '0.1', { accountId: other, symbol: 'ETHUSDT' });
    s.price('19700');
    s.tick();
    expect(s.bookLimits().breaches).toEqual([]);
    s.price('700', 'ETHUSDT');
    s.tick();
    expect(s.limits().breaches).toEqual([]);
    const [breach] = s.bookLimits().breaches;
    expect(breach).toMatchObject({ limit: 'daily_loss', allowed: '-150', policy: 'flatten' });
    const lost = add(sub(s.equityAtVenue(), dec('10000')), sub(s.equityAtVenue(other), dec('10000')));
    expect(breach?.actual).toBe(lost);
    for (const botId of [first, second]) {
      const figures = { scope: 'simulated', actual: lost, allowed: '-150' };
      const reason = { code: 'limit_broken', figures: { breach: { code: 'daily_loss', figures } } };
      expect(s.bot(botId)).toMatchObject({ state: 'halted', closing: true, reason });
    }
    // The position by hand is closed like the bot's.
    s.settle();
    s.tick();
    s.settle();
    expect(s.isFlat).toBe(true);
    s.readLater(other);
    expect(s.denial(s.request('buy', '0.01', { accountId: other }))).toMatchObject({
      limit: 'limit_breached',
      breach: {
        code: 'daily_loss',
        figures: { scope: 'simulated', actual: lost, allowed: '-150' },
      },
    });
    expect(s.denial({ type: 'StartBot', botId: second }).limit).toBe('limit_breached');
  });

  it('[RISK-22] [RISK-15] it survives snapshot and restart, is not released within its day, and ends with it', () => {
    const { s, other } = twoAccounts();
    s.setBook({ dailyLoss: dec('50'), dailyLossPolicy: 'hold' });
    s.trade('buy', '0.1', { accountId: other });
    s.price('19000');
    s.tick();
    const before = s.bookLimits();
    expect(before.breaches[0]?.limit).toBe('daily_loss');
    s.desk = deserializeDesk(serializeDesk(s.desk));
    s.give({ type: 'Recovered', downMs: 1_000, latch: null });
    s.readLater();
    s.readLater(other);
    s.tick();
    expect(s.bookLimits()).toEqual(before);
    for (const scope of [{}, { book: 'simulated' }] as const) {
      expect(s.denial({ type: 'ReleaseEmergency', scope })).toMatchObject({
        limit: 'limit_breached',
        breach: { figures: { allowed: '-50' } },
      });
    }
    s.jump(24 * HOUR);
    expect(s.bookLimits().breaches).toEqual([]);
    expect(s.submit('buy', '0.01').ok).toBe(true);
  });

  it('[RISK-22] a drawdown of the book is released with the whole book, not with one account of it', () => {
    const { s, other } = twoAccounts();
    s.setBook({ drawdownPct: dec('1'), drawdownPolicy: 'hold' });
    s.trade('buy', '0.2');
    s.price('18500');
    s.tick();
    expect(s.bookLimits().breaches[0]).toMatchObject({ limit: 'drawdown', allowed: '1' });
    s.command({ type: 'ReleaseEmergency', scope: { accountId: s.accountId } });
    expect(s.bookLimits().breaches).not.toEqual([]);
    s.command({ type: 'ReleaseEmergency', scope: { book: 'simulated' } });
    s.tick();
    const peakEquity = add(s.equityAtVenue(), s.equityAtVenue(other));
    expect(s.bookLimits()).toMatchObject({ breaches: [], peakEquity });
  });

  it('[RISK-22] [INV-11] it reaches no account of another book', () => {
    const { s } = twoAccounts();
    s.setBook({ dailyLoss: dec('0'), maxPositions: 0, maxOrderNotional: dec('1') }, undefined, 'live');
    s.trade('buy', '0.1');
    s.price('19000');
    s.tick();
    expect(s.bookLimits('live')).toMatchObject({ breaches: [], dayStart: null });
    expect(s.submit('buy', '0.01').ok).toBe(true);
  });

  const counted: [Partial<LimitValues>, { limit: string; [figure: string]: unknown }][] = [
    [{ maxPositions: 1 }, { limit: 'max_positions', actual: 1, allowed: 1 }],
    [{ maxOrderNotional: dec('1999') }, { limit: 'order_notional', actual: '2000', allowed: '1999' }],
    [{ maxTotalNotional: dec('3000') }, { limit: 'total_notional', actual: '4000', allowed: '3000' }],
    [{ maxOrdersPerMinute: 1 }, { limit: 'order_rate', actual: 1, allowed: 1 }],
  ];
  it.each(counted)(
    '[RISK-3] [RISK-22] [R2] %j holds for what all accounts have together',
    (values, expected) => {
      const { s, other } = twoAccounts();
      s.trade('buy', '0.1', { accountId: other });
      s.setBook(values);
      expect(s.denial(s.request('buy', '0.1')).all).toMatchObject([{ ...expected, scope: 'simulated' }]);
    },
  );

  it('[RISK-3] [RISK-13] of leverage, band, margin and cooldown the tightest counts, and no band is wider than the instrument’s', () => {
    const { s } = twoAccounts();
    s.setLeverage(3);
    s.setBook({ maxLeverage: 2 });
    expect(s.denial(s.request('buy', '0.01'))).toMatchObject({
      limit: 'leverage',
      actual: 3,
      allowed: 2,
    });
    const limitAt = (price: string) => {
      const { request, type } = s.request('buy', '0.01');
      return { type, request: { ...request, type: 'limit' as const, price: dec(price) } };
    };
    s.setLeverage(1);
    s.set({ priceBandPct: dec('50') });
    expect(s.denial(limitAt('18000'))).toMatchObject({ limit: 'price_band', allowed: '5' });
    s.setBook({ priceBandPct: dec('2') });
    expect(s.denial(limitAt('19500'))).toMatchObject({ limit: 'price_band', allowed: '2' });
    s.set({ cooldownAfterStopMs: 60_000 });
    s.setBook({ cooldownAfterStopMs: 600_000 });
    const botId = s.tradingBot();
    s.venue.trigger(String(s.order('stop').venueOrderId), dec('19600'));
    s.deliver();
    expect(s.bot(botId).cooldownUntil).toBe(s.marketTime + 600_000);
    s.bar([enter('long')]);
    expect(s.openOrders('entry')).toEqual([]);
  });

  it('[RISK-29] [R2] an order at the market is held to the band by what it would pay; an exit is not', () => {
    const s = new ThinBook();
    s.trade('buy', '0.01');
    s.askOverMark = dec('1.051');
    expect(s.denial(s.request('buy', '0.01'))).toMatchObject({
      limit: 'price_band',
      actual: '5.1',
      allowed: '5',
    });
    expect(s.submit('sell', '0.001').ok).toBe(true);
    s.trade('sell', '0.03');
    const { type, request } = s.request('buy', '0.01');
    expect(s.command({ type, request: { ...request, reduceOnly: true } }).ok).toBe(true);
    expect(s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' }).ok).toBe(true);
  });

  it('[RISK-4] [RISK-22] the margin of the book before liquidation holds for orders and for stops moved by hand', () => {
    const { s } = twoAccounts();
    s.setLeverage(10);
    s.setBook({ liquidationMarginPct: dec('5') });
    const { request, type } = s.request('buy', '0.01');
    const denied = s.denial({ type, request: { ...request, stopPrice: dec('19000') } });
    expect(denied).toMatchObject({ limit: 'stop_liquidation', bound: 'above', allowed: '19090.5' });
  });

  it('[RISK-23] [INV-10] [D4] while one account of the book cannot be valued, none may add', () => {
    const { s, other } = twoAccounts();
    s.setBook({ dailyLoss: dec('500') });
    s.trade('buy', '0.1', { accountId: other, symbol: 'ETHUSDT' });
    s.price(null, 'ETHUSDT');
    expect(s.denial(s.request('buy', '0.01'))).toMatchObject({ limit: 'equity_known', scope: 'simulated' });
    s.price('1500', 'ETHUSDT');
    expect(s.submit('buy', '0.01').ok).toBe(true);
    s.give({ type: 'AccountUnreadable', accountId: other, reason: 'no route' });
    expect(s.denial(s.request('buy', '0.01'))).toMatchObject({ limit: 'equity_known' });
    expect(s.command({ type: 'ClosePosition', accountId: other, symbol: 'ETHUSDT' }).ok).toBe(true);
  });

  it('[RISK-24] its first limits take the day over from the accounts; who comes and goes moves the baseline by its balance', () => {
    const { s, other } = twoAccounts();
    s.trade('buy', '0.1', { accountId: other });
    s.price('19000');
    s.tick();
    s.setBook({ dailyLoss: dec('500') });
    const lost = () => dayChange(s.bookLimits(), sum([...s.venues.keys()].map((id) => s.equityAtVenue(id))));
    expect(lost()).toBe('-101.2');
    s.trade('sell', '0.1', { accountId: other });
    s.tick();
    expect(lost()).toBe('-102.34');
    s.openAccount('Third');
    s.tick();
    expect(lost()).toBe('-102.34');
    expect(s.command({ type: 'RemoveAccount', accountId: other })).toMatchObject({ ok: true });
    s.venues.delete(other);
    s.tick();
    expect(lost()).toBe('-102.34');
  });

  it('[RISK-15] [RISK-22] a simulated account that is reset begins its own day anew, and not its book’s', () => {
    const { s } = twoAccounts();
    s.set({ dailyLoss: dec('50') });
    s.setBook({ dailyLoss: dec('50'), dailyLossPolicy: 'hold' });
    s.trade('buy', '0.1');
    s.price('19000');
    s.tick();
    s.settle();
    expect([s.limits().breaches[0]?.limit, s.bookLimits().breaches[0]?.limit]).toEqual([
      'daily_loss',
      'daily_loss',
    ]);
    const standing = s.bookLimits().breaches;
    expect(s.command({ type: 'ResetAccount', accountId: s.accountId }).ok).toBe(true);
    s.take({ effect: 'OpenAccount' });
    const missing = sub(dec('10000'), s.venue.balance);
    s.venue.bill('transfer', missing);
    const answer = { outcome: 'accepted', venueOrderId: '' } as const;
    s.give({ type: 'AccountOpened', accountId: s.accountId, answer });
    s.readLater();
    s.deliver();
    s.tick();
    expect(s.limits()).toMatchObject({ breaches: [], dayStart: { equity: '10000' } });
    expect(s.bookLimits().breaches).toEqual(standing);
    expect(s.denial(s.request('buy', '0.01'))).toMatchObject({ limit: 'limit_breached' });
  });

  it('[RISK-22] [RISK-19] the book is the sum of its accounts: equity, the day’s change and transfers, at every moment', () => {
    const move = fc.record({
      account: fc.integer({ min: 0, max: 1 }),
      kind: fc.constantFrom('buy', 'sell', 'transfer', 'price', 'midnight', 'price', 'buy'),
      figure: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
        const { s, other } = twoAccounts();
        s.setBook({});
        s.tick();
        const ids = [s.accountId, other];
        for (const { account, kind, figure } of moves) {
          const accountId = ids[account] ?? s.accountId;
          if (kind === 'price') s.price(`${19_000 + figure * 61}`);
          else if (kind === 'midnight') s.jump(24 * HOUR);
          else if (kind === 'transfer') s.venueOf(accountId).bill('transfer', `${figure * 10 - 100}`);
          else s.submit(kind as 'buy' | 'sell', `${figure / 1_000}`, { accountId });
          for (const order of s.sending()) s.fillNow(order);
          s.deliver();
          s.tick(1);
          const changes = ids.map((id) => dayChange(s.limits(id), s.equityAtVenue(id)) ?? dec('0'));
          const equity = sum(ids.map((id) => s.equityAtVenue(id)));
          expect(dayChange(s.bookLimits(), equity)).toBe(sum(changes));
        }
      }),
      { seed: 20_261_122, numRuns: 80 },
    );
  });

  it('[RISK-21] exactly one account or book is named, and versions are their own', () => {
    const { s } = twoAccounts();
    const values = {};
    const both = {
      type: 'SetLimits',
      accountId: s.accountId,
      book: 'simulated',
      values,
      timeZone: undefined,
    } as const;
    expect(s.command(both)).toMatchObject({ ok: false, refusal: { code: 'bad_request' } });
    expect(s.command({ type: 'SetLimits', values, timeZone: undefined })).toMatchObject({ ok: false });
    s.setBook({});
    const again = { type: 'SetLimits', book: 'simulated', values, timeZone: undefined } as const;
    expect(s.command(again, 1)).toMatchObject({ ok: false, refusal: { code: 'version_conflict' } });
    expect(s.command(again, 2)).toMatchObject({ ok: true });
  });

  it('[RISK-22] every device sees them beside those of the accounts', () => {
    const { s } = twoAccounts();
    s.setBook({ dailyLoss: dec('500') });
    const view = emptyView();
    for (const { limits } of s.told('LimitChanged')) {
      reduceView(view, {
        ch: 'desk',
        epoch: 'e',
        seq: 1,
        kind: 'LimitChanged',
        ts: 0,
        by: { kind: 'engine' },
        cause: '',
        data: { limits },
      } as never);
    }
    expect(view.limits['book:simulated']).toMatchObject({ book: 'simulated', values: { dailyLoss: '500' } });
    expect(view.limits[s.accountId]?.book).toBeUndefined();
  });

  it('[RISK-22] [REC-9] what servers before them stored is read: snapshots and events without any of it', () => {
    const { s } = twoAccounts();
    const snapshot = JSON.parse(serializeDesk(s.desk)) as { bookLimits?: unknown; accounts: object[] };
    delete snapshot.bookLimits;
    for (const account of snapshot.accounts)
      for (const key of ['stopOuts', 'lastEquity']) Reflect.deleteProperty(account, key);
    s.desk = deserializeDesk(JSON.stringify(snapshot));
    const { values } = s.limits();
    for (const key of ['maxStopOuts', 'stopOutWindowMs']) Reflect.deleteProperty(values, key);
    s.tick();
    s.setBook({ maxPositions: 1, maxStopOuts: 1 });
    expect(s.submit('buy', '0.1').ok).toBe(true);
    expect(s.set({ maxStopOuts: 3, dailyLoss: dec('5') }).ok).toBe(true);
    expect(s.limits().values).toMatchObject({ maxStopOuts: 3, dailyLoss: '5' });
  });
});
