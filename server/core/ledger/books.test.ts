import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add, type Decimal, dec, neg, sub, sum, ZERO } from '../../../shared/domain/decimal.ts';
import { enter, exit } from '../../testing/core/samples.ts';
import { APART_MS, Scenario } from '../../testing/core/scenario.ts';

const balance = (s: Scenario): Decimal => s.state().account.balances.USDT ?? ZERO;

describe('fills and bills in the books', () => {
  it('[LEDGER-7] a fill counts once, pushed twice, read and pushed, or read twice', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    const pushes = s.venue.pushes;
    s.deliver();
    s.venue.pushes = [...pushes];
    s.deliver();
    s.readLater();
    s.venue.pushes = [...pushes];
    s.deliver();
    s.readLater();
    expect(s.told('FillRecorded')).toHaveLength(1);
    expect(s.position().size).toBe(s.order('entry').size);
    expect(balance(s)).toBe(s.venue.balance);
    expect(s.order('entry')).toMatchObject({ status: 'filled', filledSize: s.order('entry').size });
  });

  it('[LEDGER-7] a bill counts once, pushed and read', () => {
    const s = new Scenario();
    s.venue.bill('transfer', '500');
    const pushes = [...s.venue.pushes];
    s.deliver();
    s.venue.pushes = pushes;
    s.deliver();
    s.readLater();
    expect(balance(s)).toBe('10500');
    expect(s.told('BalanceChanged').filter(({ bill }) => bill?.amount === '500')).toHaveLength(1);
  });

  it('[LEDGER-8] fills that were lost are found by a reading', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    s.venue.pushes = [];
    expect(s.isFlat).toBe(true);
    s.readLater();
    expect(s.position().size).toBe(s.order('entry').size);
    expect(balance(s)).toBe(s.venue.balance);
    expect(s.state().account.foreign).toBeNull();
  });

  it('[LEDGER-8] an order pushed as filled further than our fills say has the account read', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    s.deliver((push) => push.type === 'order' && push.order.type !== 'stop_market');
    expect(s.order('entry').status).toBe('open');
    expect(s.waiting('ReadAccount').length).toBeGreaterThan(0);
    s.readLater();
    expect(s.order('entry').status).toBe('filled');
  });

  it('[LEDGER-9] funding goes to the position that paid it and to the balance', () => {
    const s = new Scenario();
    s.tradingBot();
    const before = balance(s);
    s.venue.bill('funding', '-1.25', 'BTCUSDT');
    s.deliver();
    expect(s.position().funding).toBe('-1.25');
    expect(balance(s)).toBe(sub(before, dec('1.25')));
    expect(s.told('FundingPaid')).toHaveLength(1);
  });

  it('[LEDGER-10] the trade tells realised − fees + funding, and the bot counts it', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    s.venue.bill('funding', '-1.25', 'BTCUSDT');
    s.deliver();
    s.price('20500');
    s.bar([exit('long')]);
    s.fillNow(s.order('exit'), '20500');
    s.deliver();
    const trade = s.told('PositionChanged').findLast((told) => told.trade !== null)?.trade;
    if (trade == null) throw new Error('no trade');
    expect(trade).toMatchObject({
      entryPrice: '20000',
      exitPrice: '20500',
      funding: '-1.25',
      exit: 'signal',
    });
    expect(trade.netPnl).toBe(add(sub(trade.realisedPnl, trade.fees), trade.funding));
    expect(sub(balance(s), dec('10000'))).toBe(trade.netPnl);
    expect(s.bot(botId).stats).toMatchObject({ trades: 1, wins: 1, realisedPnl: trade.realisedPnl });
  });

  it('[LEDGER-11] a difference to the venue is told and never absorbed', () => {
    const s = new Scenario();
    s.venue.balance = add(s.venue.balance, dec('0.00000001'));
    s.readLater();
    s.advance(APART_MS);
    s.readLater();
    expect(s.alert('ledger_mismatch')).toBe(true);
    expect(balance(s)).toBe('10000');
  });

  it('[LEDGER-12] a reading older than what was pushed since corrects nothing', () => {
    const s = new Scenario();
    s.runningBot();
    const old = s.venue.state();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    s.deliver();
    s.give({
      type: 'AccountRead',
      accountId: s.accountId,
      state: old,
      fills: [],
      bills: [],
      startedAt: s.wallTime - 50,
      endedAt: s.wallTime,
    });
    expect(s.position().size).toBe(s.order('entry').size);
    expect(s.state().account.foreign).toBeNull();
    expect(s.alert('ledger_mismatch')).toBe(false);
  });

  it('[LEDGER-13] [INV-9] over random manual trading, partial fills, flips, funding and lost or repeated pushes: fills are the position, and the balance is deposits + realised − fees + funding', () => {
    const step = fc.record({
      kind: fc.constantFrom('trade', 'trade', 'trade', 'funding', 'read', 'transfer'),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      size: fc.integer({ min: 2, max: 90 }),
      price: fc.integer({ min: 195_000, max: 205_000 }),
      parts: fc.integer({ min: 1, max: 3 }),
      delivery: fc.constantFrom('all', 'lost', 'twice', 'fills only'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const s = new Scenario();
        for (const { kind, side, size, price, parts, delivery } of steps) {
          s.advance(7_000);
          if (kind === 'funding') s.venue.bill('funding', price % 2 === 0 ? '0.37' : '-0.41', 'BTCUSDT');
          if (kind === 'transfer') s.venue.bill('transfer', '25');
          if (kind === 'read') s.readLater();
          if (kind === 'trade') {
            s.price(`${price / 10}`);
            const outcome = s.command(s.orderByHand({ side, size: dec(`${size / 1000}`) }));
            const [order] = s.sending('manual');
            if (!outcome.ok || order === undefined) continue;
            const id = s.accept(order);
            for (let part = 0; part < parts; part += 1) {
              const unit = dec(`${Math.floor(size / parts) / 1000}`);
              if (unit !== ZERO) s.venue.trade(id, unit, dec(`${(price + part) / 10}`));
            }
            if (s.venue.get(id).status !== 'filled') s.venue.end(id, 'cancelled', 'ioc');
          }
          const pushes = s.venue.pushes;
          if (delivery === 'lost') s.venue.pushes = [];
          s.deliver((push) => delivery !== 'fills only' || push.type === 'fill');
          if (delivery === 'twice') for (const push of pushes) s.push(push);
        }
        s.tick(2_000);
        s.findAll();
        s.readLater();
        const fills = s.told('FillRecorded').map(({ fill }) => fill);
        const net = sum(fills.map((fill) => (fill.side === 'buy' ? fill.size : neg(fill.size))));
        const held = s.desk.positions.get(`${s.accountId}:BTCUSDT`);
        const position = held === undefined ? ZERO : held.direction === 'long' ? held.size : neg(held.size);
        expect(position).toBe(net);
        expect(fills).toHaveLength(s.venue.fills.length);
        const law = add(
          sub(sum(fills.map((fill) => fill.realisedPnl)), sum(fills.map((fill) => fill.fee))),
          sum(s.venue.bills.map((bill) => bill.amount)),
        );
        expect(balance(s)).toBe(law);
        expect(balance(s)).toBe(s.venue.balance);
        expect(s.state().account.foreign).toBeNull();
        expect(s.alert('ledger_mismatch')).toBe(false);
      }),
      { numRuns: 40 },
    );
  });
});
