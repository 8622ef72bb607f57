import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add, type Decimal, dec, mul, neg, sub, sum, ZERO } from '../../../shared/domain/decimal.ts';
import { HOUR, RiskDesk, tradedChange } from '../../testing/core/riskDesk.ts';
import { inLongForm } from '../../testing/longForm.ts';
import { riskDay } from '../rules/riskDay.ts';
import { dayChange, drawdownPct } from './breach.ts';

const price = fc.integer({ min: 150_000, max: 250_000 }).map((n) => dec(`${n / 10}`));
const step = fc.oneof(
  fc.record({ type: fc.constant('price' as const), price }),
  fc.record({
    type: fc.constant('trade' as const),
    side: fc.constantFrom('buy' as const, 'sell' as const),
    size: fc.integer({ min: 1, max: 40 }).map((n) => dec(`${n / 1_000}`)),
  }),
  fc.record({ type: fc.constant('funding' as const), amount: fc.integer({ min: -999, max: 999 }) }),
  fc.record({ type: fc.constant('transfer' as const), amount: fc.integer({ min: -2_000, max: 5_000 }) }),
  fc.record({ type: fc.constant('adjustment' as const), amount: fc.integer({ min: -50, max: 50 }) }),
  fc.record({ type: fc.constant('restart' as const) }),
);

describe('what a day lost', () => {
  it('[RISK-16] [RISK-19] [N7] is realised − fees + funding + change of unrealised, to the last digit, whatever was moved in or out', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const s = new RiskDesk();
        s.trade('buy', '0.02');
        s.price('20123.4');
        // The day begins with an open position and its unrealised.
        s.jump(2 * HOUR);
        const { fills, bills } = s.venue;
        const since = {
          unrealised: sub(s.equityAtVenue(), s.venue.balance),
          fills: fills.length,
          bills: bills.length,
        };
        expect(s.limits().dayStart?.equity).toBe(s.equityAtVenue());
        for (const one of steps) {
          if (one.type === 'price') s.price(one.price);
          else if (one.type === 'trade') s.submit(one.side, one.size);
          else if (one.type === 'restart') {
            s.give({ type: 'Recovered', downMs: 1_000, latch: null });
            s.readLater();
          } else
            s.venue.bill(one.type, dec(String(one.amount / 8)), one.type === 'funding' ? 'BTCUSDT' : null);
          for (const order of s.sending()) s.fillNow(order);
          s.deliver();
          s.tick(1);
          expect(dayChange(s.limits(), s.equityAtVenue())).toBe(tradedChange(s, since));
        }
      }),
      { seed: 20_261_122, numRuns: inLongForm(120, 40) },
    );
  });

  it('[RISK-19] a transfer changes neither the day’s loss nor the drawdown, and so never breaches nor spares', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 150_000, max: 199_000 }).map((n) => dec(`${n / 10}`)),
        fc.array(fc.integer({ min: -700, max: 5_000 }), { minLength: 1, maxLength: 8 }),
        (mark, amounts) => {
          const s = new RiskDesk();
          s.trade('buy', '0.2');
          s.tick();
          s.price(mark);
          s.tick();
          const before = [
            dayChange(s.limits(), s.equityAtVenue()),
            drawdownPct(s.limits(), s.equityAtVenue()),
          ];
          for (const amount of amounts) {
            s.venue.bill('transfer', String(amount));
            s.deliver();
            s.tick();
          }
          expect([
            dayChange(s.limits(), s.equityAtVenue()),
            drawdownPct(s.limits(), s.equityAtVenue()),
          ]).toEqual(before);
        },
      ),
      { seed: 20_261_122, numRuns: inLongForm(100, 40) },
    );
  });

  it('[RISK-19] a coin that is not the settlement coin moves no baseline', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ dailyLoss: dec('100') });
    const before = s.limits();
    const bill = s.venue.bill('transfer', '-5000');
    s.venue.pushes = [];
    s.give({ type: 'VenueBillSeen', accountId: s.accountId, bill: { ...bill, coin: 'BTC' } });
    s.tick();
    expect(s.limits()).toEqual(before);
  });

  it('[RISK-17] the baseline is taken before the first fill of a day is booked, also when nobody looked since midnight', () => {
    const s = new RiskDesk();
    s.tick();
    // Nothing is open: no tick comes.
    s.advance(30 * HOUR);
    const equity = s.equityAtVenue();
    s.trade('buy', '0.1');
    expect(s.limits().dayStart).toEqual({
      ts: s.marketTime,
      equity,
      wallTs: s.wallTime,
      dayOf: s.marketTime,
    });
    s.tick();
    expect(dayChange(s.limits(), s.equityAtVenue())).toBe('-1.2');
    expect(s.told('LimitChanged').at(-1)?.limits.dayStart?.equity).toBe(equity);
  });

  it('[RISK-17] [N7] what a stop lost after midnight while nobody looked counts for the day it was lost in', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ dailyLoss: dec('30') });
    s.tradingBot();
    s.tick(60_000);
    const before = s.equityAtVenue();
    // Away from 22:20 on; money comes in, and the stop fires at 01:15 of the next day.
    s.give({ type: 'StreamInterrupted', accountId: s.accountId, reason: 'gone' });
    s.venue.bill('transfer', '1000');
    s.advance(3 * HOUR);
    s.venue.trigger(String(s.order('stop').venueOrderId), dec('19600'));
    s.venue.pushes = [];
    s.price('19600');
    const seq = s.desk.seq;
    s.give({ type: 'Recovered', downMs: 3 * HOUR, latch: null });
    s.readLater();
    expect(s.desk.seq).toBeGreaterThan(seq);
    expect(s.limits().dayStart?.equity).toBe(add(before, dec('1000')));
    const lost = sub(s.equityAtVenue(), add(before, dec('1000')));
    expect(s.limits().breaches[0]).toMatchObject({ limit: 'daily_loss', actual: lost, allowed: '-30' });
  });

  it('[RISK-17] what was lost before midnight while nobody looked does not count for the new day', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ dailyLoss: dec('30') });
    s.tradingBot();
    s.tick(60_000);
    s.give({ type: 'StreamInterrupted', accountId: s.accountId, reason: 'gone' });
    s.advance(HOUR);
    s.venue.trigger(String(s.order('stop').venueOrderId), dec('19600'));
    s.venue.pushes = [];
    s.advance(2 * HOUR);
    s.readLater();
    s.tick();
    expect(s.limits()).toMatchObject({ breaches: [], dayStart: { equity: s.equityAtVenue() } });
  });

  const moves = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 1, max: 9 * 60 }) },
      { weight: 1, arbitrary: fc.integer({ min: -30 * 60, max: -1 }) },
      { weight: 1, arbitrary: fc.constantFrom('release', 'restart', 'zone') },
    ),
    { minLength: 20, maxLength: 60 },
  );
  it.each([
    ['America/New_York', Date.UTC(2024, 2, 7)],
    ['Europe/Berlin', Date.UTC(2024, 9, 24)],
    ['Africa/Cairo', Date.UTC(2024, 3, 23)],
    ['Asia/Beirut', Date.UTC(2024, 9, 24)],
    ['Australia/Lord_Howe', Date.UTC(2024, 3, 4)],
  ])(
    '[RISK-15] [RISK-17] [RISK-27] [N7] in %s from %d on each local day has one baseline, whatever clocks, releases and restarts do',
    (zone, from) => {
      fc.assert(
        fc.property(moves, (list) => {
          const s = new RiskDesk();
          s.set({ dailyLoss: dec('100') }, zone);
          // The first day of another zone is a long one.
          s.jump(from - 48 * HOUR - s.marketTime);
          s.jump(48 * HOUR);
          expect(s.limits().timeZone).toBe(zone);
          let latest = s.marketTime;
          const days = [riskDay(latest, zone)];
          for (const move of list) {
            const before = s.limits().dayStart;
            if (typeof move === 'number') s.jump(move * 60_000);
            else if (move === 'release') s.command({ type: 'ReleaseEmergency', scope: {} });
            else if (move === 'restart') {
              s.give({ type: 'Recovered', downMs: 1_000, latch: null });
              s.readLater();
            } else s.set({}, zone);
            latest = Math.max(latest, s.marketTime);
            const today = riskDay(latest, zone);
            if (today === days.at(-1)) expect(s.limits().dayStart).toEqual(before);
            else days.push(today);
            expect(riskDay(s.limits().dayStart?.ts ?? 0, zone)).toBe(today);
          }
          expect(days).toEqual([...new Set(days)].sort());
        }),
        { seed: 20_261_122, numRuns: inLongForm(15, 6) },
      );
    },
  );

  it('[RISK-15] a clock that jumps back over midnight and forward again keeps the day and its baseline', () => {
    const s = new RiskDesk();
    s.trade('buy', '0.1');
    s.jump(3 * HOUR);
    s.price('19000');
    s.tick();
    const { dayStart } = s.limits();
    for (const hours of [-5, -30, 30, 4]) s.jump(hours * HOUR);
    expect(s.limits().dayStart).toEqual(dayStart);
    s.jump(24 * HOUR);
    expect(s.limits().dayStart).not.toEqual(dayStart);
  });
});

const LEVERAGES = [1, 2, 10, 50];

/** Buys and sells, reduced to flat at the end. */
const trades = fc.array(
  fc.record({
    side: fc.constantFrom('buy' as const, 'sell' as const),
    size: fc.integer({ min: 1, max: 30 }).map((n) => dec(`${n / 1_000}`)),
    price,
  }),
  { minLength: 1, maxLength: 12 },
);

describe('PnL and leverage', () => {
  it('[RISK-28] [D3] [INV-9] [LEDGER-5] PnL is what was sold less what was bought less fees, to the last digit, at every leverage the same', () => {
    fc.assert(
      fc.property(trades, (list) => {
        const results = LEVERAGES.map((leverage) => run(list, leverage));
        for (const { account, byTrades, cash } of results) {
          expect(account).toBe(cash);
          expect(byTrades).toBe(cash);
          expect(account).toBe(results[0]?.account);
        }
      }),
      { seed: 20_261_122, numRuns: inLongForm(25, 10) },
    );
  });

  it('[RISK-28] [D3] what is open is valued by size and price alone', () => {
    for (const leverage of LEVERAGES) {
      const s = leveraged(leverage);
      s.trade('buy', '0.1');
      s.price('20150.7');
      expect(sub(s.equityAtVenue(), s.venue.balance)).toBe('15.07');
      s.tick();
      expect(s.told('EquityMarked').length).toBeGreaterThan(0);
      expect(dayChange(s.limits(), s.equityAtVenue())).toBe('13.87');
    }
  });
});

function leveraged(leverage: number): RiskDesk {
  const s = new RiskDesk();
  s.set({ maxLeverage: null });
  s.jump(24 * HOUR);
  s.venue.leverage = leverage;
  s.setLeverage(leverage);
  return s;
}

function run(
  list: { side: 'buy' | 'sell'; size: Decimal; price: Decimal }[],
  leverage: number,
): { account: Decimal; byTrades: Decimal; cash: Decimal } {
  const s = leveraged(leverage);
  const start = s.state().account.balances.USDT ?? ZERO;
  for (const { side, size, price: at } of list) {
    s.price(at);
    s.trade(side, size);
  }
  const open = s.desk.positions.get(`${s.accountId}:BTCUSDT`);
  if (open !== undefined) s.trade(open.direction === 'long' ? 'sell' : 'buy', open.size);
  expect(s.isFlat).toBe(true);
  const account = sub(s.state().account.balances.USDT ?? ZERO, start);
  const netted = s.told('PositionChanged').flatMap(({ trade }) => trade?.netPnl ?? []);
  const cash = s.venue.fills.map(({ side, price: at, size, fee }) => {
    const value = mul(at, size);
    return sub(side === 'sell' ? value : neg(value), fee);
  });
  return { account, byTrades: sum(netted), cash: sum(cash) };
}
