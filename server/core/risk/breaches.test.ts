import { describe, expect, it } from 'vitest';
import type { LimitValues } from '../../../shared/domain/account.ts';
import { dec } from '../../../shared/domain/decimal.ts';
import { HOUR, RiskDesk } from '../../testing/core/riskDesk.ts';
import { enter } from '../../testing/core/samples.ts';
import { deserializeDesk, serializeDesk } from '../fold/snapshot.ts';
import { brokenNow } from './breach.ts';

const names = (breaches: readonly { limit: string }[]): string[] => breaches.map(({ limit }) => limit);

/** A drawdown of 1 % stands on hold, with 0.1 BTC long by hand and a bot's position in ETH; 110 are lost. */
function onHold(values: Partial<LimitValues> = {}): { s: RiskDesk; botId: string } {
  const s = new RiskDesk();
  s.tick();
  s.set({ drawdownPct: dec('1'), drawdownPolicy: 'hold', dailyLoss: dec('300'), ...values });
  s.trade('buy', '0.1');
  const botId = s.runningBot({ symbol: 'ETHUSDT' });
  s.price('18900');
  s.tick();
  expect(names(s.limits().breaches)).toEqual(['drawdown']);
  expect(s.sending('close')).toEqual([]);
  return { s, botId };
}

describe('several limits broken at once', () => {
  it('[FOUND-4] [RISK-16] a daily loss that closes is found and enforced while another breach stands on hold', () => {
    const { s, botId } = onHold();
    expect(s.bot(botId)).toMatchObject({ state: 'halted', closing: false });
    s.price('14000');
    s.tick();
    expect(s.limits().breaches).toMatchObject([
      { limit: 'drawdown', policy: 'hold' },
      { limit: 'daily_loss', policy: 'flatten', actual: '-601.2', allowed: '-300' },
    ]);
    expect(s.told('LimitBreached').map(({ limits }) => names(limits.breaches))).toEqual([
      ['drawdown'],
      ['drawdown', 'daily_loss'],
    ]);
    expect(s.sending('close')).toMatchObject([{ slot: 'limit', size: '0.1', reduceOnly: true }]);
    s.settle();
    s.tick();
    expect(s.isFlat).toBe(true);
  });

  it('[FOUND-4] a bot that a breach on hold halted under its stop is closed by the one that closes', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ maxStopOuts: 1, dailyLoss: dec('300') });
    const botId = s.tradingBot();
    s.state().stopOuts = [s.marketTime];
    s.tick();
    expect([names(s.limits().breaches), s.bot(botId).closing]).toEqual([['stop_outs'], false]);
    s.price('18000');
    s.tick();
    expect(names(s.limits().breaches)).toEqual(['stop_outs', 'daily_loss']);
    expect(s.bot(botId)).toMatchObject({ state: 'halted', closing: true });
    expect(s.sending('close')).toHaveLength(1);
  });

  it('[FOUND-4] [RISK-15] [RISK-18] each ends by its own end: the daily loss with its day, the others by hand', () => {
    for (const first of ['release', 'midnight'] as const) {
      const { s } = onHold({ dailyLossPolicy: 'hold' });
      s.price('14000');
      s.tick();
      const ends = { release: ['daily_loss'], midnight: ['drawdown'] };
      const end = (how: 'release' | 'midnight') => {
        if (how === 'midnight') s.jump(24 * HOUR);
        else expect(s.command({ type: 'ReleaseEmergency', scope: {} }).ok).toBe(true);
      };
      end(first);
      expect(names(s.limits().breaches)).toEqual(ends[first]);
      const [standing] = s.limits().breaches;
      expect(s.denial(s.request('buy', '0.01'))).toMatchObject({
        limit: 'limit_breached',
        breach: { figures: { allowed: standing?.allowed } },
      });
      end(first === 'release' ? 'midnight' : 'release');
      expect(s.limits().breaches).toEqual([]);
    }
  });

  it('[FOUND-4] [RISK-3] of account and book at once the harshest counts, each with its own figures', () => {
    const { s } = onHold();
    s.setBook({ dailyLoss: dec('200'), dailyLossPolicy: 'flatten' });
    s.price('17500');
    s.tick();
    expect(names(s.limits().breaches)).toEqual(['drawdown']);
    expect(names(s.bookLimits().breaches)).toEqual(['daily_loss']);
    expect(s.sending('close')).toMatchObject([{ slot: 'limit' }]);
    const { limit, all } = s.denial(s.request('buy', '0.01'));
    expect([limit, JSON.stringify(all).match(/limit_breached/g)?.length]).toEqual(['limit_breached', 2]);
  });

  it('[FOUND-4] [RISK-26] an order is denied by each limit that the next look would halt for, beside what stands', () => {
    const { s } = onHold();
    s.price('14000');
    const { all } = s.denial(s.request('buy', '0.01'));
    expect(all.map(({ breach }) => breach)).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ code: 'drawdown' }),
        { code: 'daily_loss', figures: expect.objectContaining({ actual: '-601.2' }) },
      ]),
    );
  });

  it('[FOUND-4] [RISK-14] a policy made harsher holds at once, also for a breach that stands', () => {
    const { s } = onHold();
    s.set({ drawdownPolicy: 'flatten' });
    expect(s.limits().breaches).toMatchObject([{ limit: 'drawdown', policy: 'flatten' }]);
    expect(s.sending('close')).toMatchObject([{ slot: 'limit' }]);
    s.set({ drawdownPolicy: 'hold' });
    s.tick();
    expect(s.limits().breaches).toMatchObject([{ policy: 'flatten' }]);
  });

  it('[FOUND-4] [RISK-17] all of them survive a restart, and are said once', () => {
    const { s } = onHold({ dailyLossPolicy: 'hold' });
    s.price('14000');
    s.tick();
    const before = s.limits();
    const said = s.told('LimitBreached').length;
    s.desk = deserializeDesk(serializeDesk(s.desk));
    s.give({ type: 'Recovered', downMs: 1_000, latch: null });
    s.readLater();
    s.tick();
    expect(s.limits()).toEqual(before);
    expect(s.told('LimitBreached')).toHaveLength(said);
  });

  it('[FOUND-4] [RISK-16] what an order of a bot fills long after it was halted and flat is closed while a breach that closes stands', () => {
    const s = new RiskDesk();
    s.set({ dailyLoss: dec('100') });
    const botId = s.runningBot({ symbol: 'ETHUSDT' });
    s.trade('buy', '0.1');
    s.closeBar(s.barTime + 60_000, [enter('long')], {}, false, 'ETHUSDT');
    const entry = s.order('entry');
    s.loseOrder(entry);
    s.price('18000');
    for (let second = 0; second < 60; second += 1) {
      s.tick();
      s.settle();
    }
    expect(s.bot(botId)).toMatchObject({ state: 'halted', closing: false });
    expect(s.desk.orders.get(entry.orderId)?.status).toBe('abandoned');
    s.venue.trade(s.venue.place(entry).venueOrderId, entry.size, dec('1500'));
    s.deliver();
    s.tick();
    expect(s.bot(botId)).toMatchObject({ state: 'halted', closing: true });
    expect(s.sending('close')).toMatchObject([{ symbol: 'ETHUSDT', slot: 'limit' }]);
    s.settle();
    expect(s.isFlat).toBe(true);
  });
});

describe('a limit that is exactly reached', () => {
  it('[RISK-16] a daily loss of just what is allowed breaks nothing; a cent more does', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ dailyLoss: dec('100') });
    const worth = (equity: string) => ({ equity: dec(equity), held: dec(equity), seen: dec(equity) });
    const at = (equity: string) => {
      const value = { ...worth(equity), isKnown: true, ts: s.marketTime };
      return names(brokenNow({ limits: s.limits(), accounts: [s.state()] }, value));
    };
    expect(s.limits().dayStart?.equity).toBe('10000');
    expect(at('9900')).toEqual([]);
    expect(at('9899.99')).toEqual(['daily_loss']);
  });
});
