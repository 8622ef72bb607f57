import { describe, expect, it } from 'vitest';
import type { LimitValues } from '../../../shared/domain/account.ts';
import { dec } from '../../../shared/domain/decimal.ts';
import { RiskDesk } from '../../testing/core/riskDesk.ts';
import { enter } from '../../testing/core/samples.ts';
import type { OrderRequest } from '../commands.ts';

describe('every order passes the same checks', () => {
  it('[RISK-1] what fits is sent, and nothing else is asked', () => {
    const s = new RiskDesk();
    expect(s.command(s.orderByHand())).toMatchObject({ ok: true });
    expect(s.sending('manual')).toHaveLength(1);
  });

  const cases: [string, Partial<OrderRequest>, { limit: string; [figure: string]: unknown }][] = [
    ['an unknown symbol', { symbol: 'NOPE' }, { limit: 'symbol_known', symbol: 'NOPE', venue: 'sim' }],
    ['size 0', { size: dec('0') }, { limit: 'size_positive', actual: '0' }],
    ['a negative size', { size: dec('-1') }, { limit: 'size_positive', actual: '-1' }],
    [
      'a size off the step',
      { size: dec('0.1005') },
      { limit: 'size_step', actual: '0.1005', allowed: '0.001' },
    ],
    ['a limit without a price', { type: 'limit' }, { limit: 'price_required' }],
    [
      'a price off the tick',
      { type: 'limit', price: dec('19999.95') },
      { limit: 'price_tick', actual: '19999.95', allowed: '0.1' },
    ],
    [
      'a price out of the band',
      { type: 'limit', price: dec('21000.1') },
      { limit: 'price_band', actual: '5.0005', allowed: '5' },
    ],
    ['more than the balance', { size: dec('0.5') }, { limit: 'balance', actual: '10006', allowed: '10000' }],
    [
      'a stop above the mark of a long',
      { stopPrice: dec('20000.1') },
      { limit: 'stop_side', actual: '20000.1', bound: 'below', allowed: '20000' },
    ],
    [
      'a stop below the mark of a short',
      { side: 'sell', stopPrice: dec('19999') },
      { limit: 'stop_side', actual: '19999', bound: 'above', allowed: '20000' },
    ],
    [
      'reduce-only with nothing to reduce',
      { reduceOnly: true },
      { limit: 'reduce_only_position', side: 'buy' },
    ],
  ];
  it.each(cases)(
    '[RISK-2] [R2] denies %s, naming the limit, what was asked and what is allowed',
    (_, change, expected) => {
      const s = new RiskDesk();
      expect(s.denial(s.orderByHand(change))).toMatchObject({ ...expected, all: [expected] });
    },
  );

  it('[RISK-2] denies a size below the minimum', () => {
    const s = new RiskDesk();
    s.changeInstrument('BTCUSDT', { minSize: dec('0.01') });
    expect(s.denial(s.orderByHand({ size: dec('0.009') }))).toMatchObject({
      limit: 'size_minimum',
      actual: '0.009',
      allowed: '0.01',
    });
  });

  it('[RISK-2] denies a size above the maximum of its type', () => {
    const s = new RiskDesk();
    s.changeInstrument('BTCUSDT', { maxMarketSize: dec('0.05'), maxLimitSize: dec('0.08') });
    expect(s.denial(s.orderByHand())).toMatchObject({
      limit: 'size_maximum',
      actual: '0.1',
      allowed: '0.05',
    });
    const atLimit = s.orderByHand({ type: 'limit', price: dec('19900') });
    expect(s.denial(atLimit)).toMatchObject({ limit: 'size_maximum', allowed: '0.08' });
  });

  it('[RISK-2] denies what the instrument does not take now', () => {
    const s = new RiskDesk();
    s.changeInstrument('BTCUSDT', { status: 'close_only' });
    expect(s.denial(s.orderByHand())).toMatchObject({
      limit: 'instrument_status',
      status: 'close_only',
    });
  });

  it('[RISK-2] denies an order worth less than the minimum', () => {
    const s = new RiskDesk();
    s.changeInstrument('SOLUSDT', { minNotional: dec('5') });
    expect(s.denial(s.orderByHand({ symbol: 'SOLUSDT', size: dec('0.2') }))).toMatchObject({
      limit: 'minimum_notional',
      actual: '4',
      allowed: '5',
    });
  });

  const limited: [Partial<LimitValues>, { limit: string; [figure: string]: unknown }][] = [
    [{ maxOrderNotional: dec('1999') }, { limit: 'order_notional', actual: '2000', allowed: '1999' }],
    [{ maxTotalNotional: dec('1999') }, { limit: 'total_notional', actual: '2000', allowed: '1999' }],
    [{ maxPositions: 0 }, { limit: 'max_positions', actual: 0, allowed: 0 }],
  ];
  it.each(limited)('[RISK-3] [R2] keeps the limits of the account: %j', (values, expected) => {
    const s = new RiskDesk();
    s.set(values);
    expect(s.denial(s.orderByHand())).toMatchObject(expected);
  });

  it('[RISK-3] the price band of the account comes before the one of the instrument', () => {
    const s = new RiskDesk();
    s.set({ priceBandPct: dec('1') });
    expect(s.denial(s.orderByHand({ type: 'limit', price: dec('19799.9') }))).toMatchObject({
      limit: 'price_band',
      allowed: '1',
    });
  });

  it('[RISK-3] leverage: of the account, and of its limits', () => {
    const s = new RiskDesk();
    s.setLeverage(30);
    expect(s.denial(s.orderByHand())).toMatchObject({ limit: 'leverage', actual: 30, allowed: 20 });
  });

  it('[RISK-4] a stop behind the liquidation price, or closer to it than asked for, is denied', () => {
    const s = new RiskDesk();
    s.setLeverage(10);
    // Liquidation of a long from 20,000 at 10x: 20,000 × 0.9 ÷ 0.995 = 18,090.45…; half a percent of the mark before it.
    expect(s.denial(s.orderByHand({ stopPrice: dec('18000') }))).toMatchObject({
      limit: 'stop_liquidation',
      actual: '18000',
      bound: 'above',
      allowed: '18190.5',
    });
    expect(s.command(s.orderByHand({ stopPrice: dec('18190.6') })).ok).toBe(true);
    // Of a short: 20,000 × 1.1 ÷ 1.005 = 21,890.54….
    expect(s.denial(s.orderByHand({ side: 'sell', stopPrice: dec('21800') }))).toMatchObject({
      limit: 'stop_liquidation',
      bound: 'below',
      allowed: '21790.5',
    });
  });

  it('[RISK-5] [INV-10] [D4] without a fresh price every entry is denied, of hands and of bots; without one of another position too', () => {
    const s = new RiskDesk();
    s.runningBot();
    s.marks.set('BTCUSDT', null);
    expect(s.denial(s.orderByHand())).toMatchObject({
      limit: 'fresh_price',
      symbol: 'BTCUSDT',
    });
    s.bar([enter('long')]);
    expect(s.sending()).toEqual([]);
    const t = new RiskDesk();
    t.openByHand();
    t.marks.set('BTCUSDT', null);
    expect(t.denial(t.orderByHand({ symbol: 'ETHUSDT' }))).toMatchObject({ limit: 'available_known' });
  });

  it('[RISK-5] [FOUND-29] where a market has ended and has no price any more, that it has ended is what is told', () => {
    const s = new RiskDesk();
    s.changeInstrument('BTCUSDT', { status: 'ended' });
    s.marks.set('BTCUSDT', null);
    expect(s.denial(s.orderByHand())).toMatchObject({ limit: 'instrument_status', status: 'ended' });
  });

  it('[RISK-5] what only takes exposure away needs no price', () => {
    const s = new RiskDesk();
    s.openByHand();
    s.marks.set('BTCUSDT', null);
    expect(s.command(s.orderByHand({ side: 'sell', size: dec('0.05'), reduceOnly: true })).ok).toBe(true);
    expect(
      s.command({ type: 'ReducePosition', accountId: s.accountId, symbol: 'BTCUSDT', size: dec('0.01') }).ok,
    ).toBe(true);
    expect(s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' }).ok).toBe(true);
  });

  it('[RISK-6] an account that is not ready, latched, frozen or breached takes no entries, and still takes exits', () => {
    const s = new RiskDesk();
    s.openByHand();
    const exit = s.orderByHand({ side: 'sell', size: dec('0.01'), reduceOnly: true });
    s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'no route' });
    expect(s.denial(s.orderByHand())).toMatchObject({
      limit: 'account_ready',
      status: 'unreachable',
    });
    expect(s.command(exit).ok).toBe(true);
    s.accept(s.order('manual'));
    s.readLater();
    s.venue.rest({ symbol: 'ETHUSDT', side: 'buy', type: 'limit', size: dec('1'), price: dec('1400') });
    s.deliver();
    expect(s.denial(s.orderByHand())).toMatchObject({ limit: 'foreign_activity', found: { code: 'order' } });
    s.command({ type: 'ResolveForeign', accountId: s.accountId });
    expect(s.command(s.orderByHand({ size: dec('0.001') })).ok).toBe(true);
    s.set({ dailyLoss: dec('1') });
    s.tick();
    s.price('15000');
    s.tick();
    expect(s.denial(s.orderByHand())).toMatchObject({ limit: 'limit_breached' });
    expect(s.command(exit).ok).toBe(true);
    s.command({ type: 'EmergencyStop', scope: {} });
    expect(s.denial(s.orderByHand())).toMatchObject({
      limit: 'account_latched',
      latch: 'emergency',
    });
  });

  it('[RISK-9] orders per minute and working orders are counted', () => {
    const s = new RiskDesk();
    s.set({ maxOrdersPerMinute: 2 });
    s.command(s.orderByHand({ size: dec('0.001') }));
    s.command(s.orderByHand({ size: dec('0.001') }));
    expect(s.denial(s.orderByHand())).toMatchObject({
      limit: 'order_rate',
      actual: 2,
      allowed: 2,
    });
    s.advance(60_000);
    expect(s.command(s.orderByHand({ size: dec('0.001') })).ok).toBe(true);
    s.settings.maxOpenOrdersPerAccount = 3;
    s.advance(60_000);
    expect(s.denial(s.orderByHand())).toMatchObject({ limit: 'open_orders', actual: 3, allowed: 3 });
  });

  it('[FOUND-23] [RISK-9] what was found at the venue was not sent by us: it uses up no orders per minute', () => {
    const s = new RiskDesk();
    s.set({ maxOrdersPerMinute: 1 });
    const foreign = { symbol: 'ETHUSDT', side: 'buy', type: 'limit', size: dec('1') } as const;
    for (const price of ['1400', '1410', '1420']) s.venue.rest({ ...foreign, price: dec(price) });
    s.deliver();
    s.command({ type: 'ResolveForeign', accountId: s.accountId });
    expect(s.command(s.orderByHand({ size: dec('0.001') })).ok).toBe(true);
    expect(s.denial(s.orderByHand({ size: dec('0.001') }))).toMatchObject({ limit: 'order_rate' });
  });

  it('[RISK-10] what is on its way counts: two orders sent together do not pass a limit that one fills', () => {
    const s = new RiskDesk();
    s.set({ maxPositions: 1, maxTotalNotional: dec('3000') });
    expect(s.command(s.orderByHand()).ok).toBe(true);
    expect(s.denial(s.orderByHand({ symbol: 'ETHUSDT', size: dec('0.1') }))).toMatchObject({
      limit: 'max_positions',
      actual: 1,
    });
    expect(s.denial(s.orderByHand())).toMatchObject({
      limit: 'total_notional',
      actual: '4000',
      allowed: '3000',
    });
    const t = new RiskDesk();
    expect(t.command(t.orderByHand({ size: dec('0.3') })).ok).toBe(true);
    expect(t.denial(t.orderByHand({ size: dec('0.3') }))).toMatchObject({ limit: 'balance' });
  });

  it('[RISK-10] an amended order is not counted beside itself', () => {
    const s = new RiskDesk();
    s.command(s.orderByHand({ type: 'limit', price: dec('19900'), size: dec('0.4'), timeInForce: 'gtc' }));
    const order = s.order('manual');
    s.accept(order);
    const amend = {
      type: 'AmendOrder',
      orderId: order.orderId,
      price: dec('19950'),
      size: undefined,
    } as const;
    expect(s.command(amend).ok).toBe(true);
  });

  it('[RISK-12] all that is wrong with an order is said at once', () => {
    const s = new RiskDesk();
    const { all } = s.denial(s.orderByHand({ type: 'limit', price: dec('30000.05'), size: dec('0.0005') }));
    expect(all).toMatchObject([
      { limit: 'size_step' },
      { limit: 'size_minimum' },
      { limit: 'price_tick' },
      { limit: 'price_band' },
    ]);
  });
});
