import { describe, expect, it } from 'vitest';
import { ENGINE } from '../../../shared/domain/actor.ts';
import { dec } from '../../../shared/domain/decimal.ts';
import { RiskDesk } from '../../testing/core/riskDesk.ts';
import { sampleInstrument } from '../../testing/core/samples.ts';
import { proposalOf } from '../command/orders.ts';
import type { OrderRequest } from '../commands.ts';
import { settingsByHand } from '../order/awaitsSettings.ts';
import { Turn } from '../turn/turn.ts';
import { checkOrder } from './checkOrder.ts';

/** Long 0.1 BTCUSDT from 20,000 at 20x, liquidated at 19,095.5; the mark is at `mark` by now. */
function long(mark: string, change: Partial<OrderRequest> = {}): RiskDesk {
  const s = new RiskDesk();
  s.setLeverage(20);
  s.openByHand(change);
  s.price(mark);
  return s;
}

function limit(s: RiskDesk, price: string, change: Partial<OrderRequest> = {}) {
  return s.orderByHand({ type: 'limit', timeInForce: 'gtc', price: dec(price), ...change });
}

/** A working limit order by hand. */
function rest(s: RiskDesk, price: string, change: Partial<OrderRequest> = {}): string {
  const outcome = s.command(limit(s, price, change));
  if (!outcome.ok) throw new Error(outcome.refusal.code);
  const order = s.desk.orders.get(String(outcome.result.orderId));
  if (order === undefined) throw new Error('not submitted');
  s.accept(order);
  s.deliver();
  return order.orderId;
}

const preview = (s: RiskDesk, { request }: ReturnType<RiskDesk['orderByHand']>) => {
  const turn = new Turn(s.desk, s.context(), ENGINE, 'test');
  const state = s.state();
  return checkOrder(turn, state, proposalOf(settingsByHand(s.desk, state, request.symbol), request));
};

describe('an order is judged by the position that it leads to', () => {
  it('[FOUND-5] [INV-6] [RISK-4] an addition does not bring a stop that setStop is denied for', () => {
    const s = long('19200');
    const stop = dec('18500');
    const { accountId } = s;
    const set = { type: 'SetStop', accountId, symbol: 'BTCUSDT', triggerPrice: stop } as const;
    // 0.5 % of the mark before the liquidation price.
    const expected = { limit: 'stop_liquidation', actual: '18500', bound: 'above', allowed: '19191.5' };
    expect(s.denial(set)).toMatchObject(expected);
    expect(s.denial(s.orderByHand({ size: dec('0.001'), stopPrice: stop }))).toMatchObject(expected);
    expect(s.command(s.orderByHand({ size: dec('0.001'), stopPrice: dec('19195') })).ok).toBe(true);
    s.fillNow(s.order('manual'));
    s.deliver();
    const held = s.position();
    expect(held.stop?.triggerPrice).toBe('19195');
    // 20,000 × 0.1 + 19,200 × 0.001, ÷ 0.101, × 0.95 ÷ 0.995.
    expect(held.liquidationPrice).toBe('19088');
  });

  it('[FOUND-5] [RISK-4] an addition after which the present stop would lie behind liquidation is denied with the figures', () => {
    const s = new RiskDesk();
    s.setLeverage(20);
    s.openByHand({ stopPrice: dec('19210') });
    s.price('20900');
    // Average 20,600: liquidated at 19,668.4; half a percent of the mark before that.
    expect(s.denial(s.orderByHand({ size: dec('0.2') }))).toMatchObject({
      limit: 'stop_liquidation',
      actual: '19210',
      bound: 'above',
      allowed: '19772.9',
    });
    expect(s.command(s.orderByHand({ size: dec('0.001') })).ok).toBe(true);
  });

  it('[FOUND-5] [RISK-4] short positions likewise', () => {
    const s = new RiskDesk();
    s.setLeverage(20);
    s.openByHand({ side: 'sell' });
    s.price('20800');
    // 20,000 × 1.05 ÷ 1.005 = 20,895.52….
    expect(
      s.denial(s.orderByHand({ side: 'sell', size: dec('0.001'), stopPrice: dec('21500') })),
    ).toMatchObject({ limit: 'stop_liquidation', bound: 'below', allowed: '20791.5' });
  });

  it('[FOUND-5] [RISK-4] what works already may fill as well: the stop must do for all of it', () => {
    const s = new RiskDesk();
    s.setLeverage(20);
    s.openByHand({ size: dec('0.05') });
    s.price('20500');
    rest(s, '20490');
    const { accountId } = s;
    const set = { type: 'SetStop', accountId, symbol: 'BTCUSDT', triggerPrice: dec('19210') } as const;
    // Alone it would do: 19,095.5 + 102.5. With what works the average is 20,326.66….
    expect(s.denial(set)).toMatchObject({ limit: 'stop_liquidation', bound: 'above', allowed: '19509.9' });
    expect(s.command({ ...set, triggerPrice: dec('19510') }).ok).toBe(true);
  });

  it('[FOUND-5] [RISK-4] of several entries each stop that may come to guard the position is looked at', () => {
    const s = new RiskDesk();
    s.setLeverage(20);
    rest(s, '19500', { stopPrice: dec('18800') });
    // Filled first, it has no stop of its own, and the one of the order below would guard both.
    expect(s.denial(limit(s, '19990'))).toMatchObject({
      limit: 'stop_liquidation',
      actual: '18800',
      bound: 'above',
      allowed: '19186',
    });
    // With one of its own that one never guards both.
    expect(s.command(limit(s, '19990', { stopPrice: dec('19400') })).ok).toBe(true);
  });

  it('[FOUND-5] [RISK-2] selling a part of a long takes exposure away: no margin, no limit of exposure is asked', () => {
    const s = new RiskDesk();
    s.openByHand({ size: dec('0.49') });
    s.set({ maxTotalNotional: dec('100'), maxOrderNotional: dec('100'), maxPositions: 0, maxLeverage: 1 });
    expect(s.denial(s.orderByHand({ size: dec('0.001') }))).toMatchObject({ limit: 'total_notional' });
    expect(s.command(s.orderByHand({ side: 'sell', size: dec('0.2') })).ok).toBe(true);
    s.fillNow(s.order('manual'));
    s.deliver();
    expect(s.position().size).toBe('0.29');
    expect(s.command(limit(s, '20100', { side: 'sell', size: dec('0.29') })).ok).toBe(true);
    // Once that has filled there is nothing left to sell: another one opens a short.
    expect(s.denial(s.orderByHand({ side: 'sell', size: dec('0.01') }))).toMatchObject({
      limit: 'order_notional',
      actual: '200',
    });
  });

  it('[FOUND-5] [RISK-2] beyond flat only the rest is new exposure, of the other side', () => {
    const s = new RiskDesk();
    s.openByHand({ size: dec('0.1') });
    s.set({ maxTotalNotional: dec('2500'), maxPositions: 1 });
    const flip = (size: string, stop?: string) =>
      s.orderByHand({ side: 'sell', size: dec(size), stopPrice: stop === undefined ? null : dec(stop) });
    expect(s.denial(flip('0.25'))).toMatchObject({ limit: 'total_notional', actual: '3000' });
    expect(s.denial(flip('0.2', '19000'))).toMatchObject({
      limit: 'stop_side',
      bound: 'above',
      allowed: '20000',
    });
    expect(s.command(flip('0.2', '20500')).ok).toBe(true);
    const t = new RiskDesk();
    t.openByHand({ size: dec('0.1') });
    // 8,000 is free: 0.39 more can be carried, 0.41 cannot.
    expect(t.denial(t.orderByHand({ side: 'sell', size: dec('0.51') }))).toMatchObject({ limit: 'balance' });
    expect(t.command(t.orderByHand({ side: 'sell', size: dec('0.49') })).ok).toBe(true);
  });

  it('[FOUND-5] [RISK-10] working orders that only close hold nothing', () => {
    const s = new RiskDesk();
    s.openByHand({ size: dec('0.2') });
    s.set({ maxTotalNotional: dec('6000') });
    rest(s, '20100', { side: 'sell', size: dec('0.2') });
    expect(s.command(s.orderByHand()).ok).toBe(true);
  });

  it('[FOUND-5] an amendment is judged by what is left of the order, and its filled part once', () => {
    const s = new RiskDesk();
    const orderId = rest(s, '19990', { size: dec('0.4') });
    const venueOrderId = String(s.desk.orders.get(orderId)?.venueOrderId);
    s.venue.trade(venueOrderId, dec('0.3'), dec('19990'));
    s.deliver();
    const amend = { type: 'AmendOrder', orderId, price: undefined, size: dec('0.45') } as const;
    expect(s.command(amend).ok).toBe(true);
  });

  it('[FOUND-5] a preview of a cross position tells no liquidation price of what results: only the venue can', () => {
    const s = new RiskDesk();
    const { accountId } = s;
    const change = { name: undefined, leverage: 20, marginMode: 'cross' } as const;
    expect(s.command({ type: 'UpdateAccount', accountId, ...change }).ok).toBe(true);
    expect(preview(s, s.orderByHand()).position).toMatchObject({ liquidationPrice: null });
    s.openByHand();
    s.venue.liquidationPrice = dec('17000');
    s.venue.leverage = 20;
    s.venue.marginMode = 'cross';
    s.readLater();
    expect(s.position()).toMatchObject({ marginMode: 'cross', liquidationPrice: '17000' });
    expect(preview(s, s.orderByHand()).position).toMatchObject({ size: '0.2', liquidationPrice: null });
    const part = s.orderByHand({ side: 'sell', size: dec('0.04'), reduceOnly: true });
    expect(preview(s, part).position).toMatchObject({ size: '0.06', liquidationPrice: null });
    // What the venue tells of the position as it is, a stop is held to.
    const set = { type: 'SetStop', accountId, symbol: 'BTCUSDT', triggerPrice: dec('17050') } as const;
    expect(s.denial(set)).toMatchObject({ limit: 'stop_liquidation', bound: 'above', allowed: '17100' });
  });

  it('[RISK-4] the venue asks for more maintenance margin: a stop is held to that before a reading tells of it', () => {
    const s = long('20000');
    const { accountId } = s;
    const set = { type: 'SetStop', accountId, symbol: 'BTCUSDT', triggerPrice: dec('19200') } as const;
    const before = s.desk.seq;
    s.instruments.set('BTCUSDT', sampleInstrument('BTCUSDT', { maintenanceMarginRate: dec('0.012') }));
    // 19,000 over 0.988.
    expect(s.denial(set)).toMatchObject({ limit: 'stop_liquidation', bound: 'above', allowed: '19330.8' });
    expect(s.desk.seq).toBe(before);
    s.instruments.set('BTCUSDT', sampleInstrument('BTCUSDT'));
    expect(s.command(set).ok).toBe(true);
  });

  it('[FOUND-5] a preview tells what an order does, and the margin and liquidation of what results', () => {
    const s = long('20000');
    const sell = (size: string, reduceOnly = false) =>
      s.orderByHand({ side: 'sell', size: dec(size), reduceOnly });
    const long101 = { direction: 'long', size: '0.2', entryPrice: '20000', margin: '200' };
    expect(preview(s, s.orderByHand())).toMatchObject({
      effect: 'adds',
      margin: '100',
      position: { ...long101, liquidationPrice: '19095.5' },
    });
    expect(preview(s, sell('0.04'))).toMatchObject({
      effect: 'reduces',
      margin: '0',
      denials: [],
      position: { direction: 'long', size: '0.06', margin: '60', liquidationPrice: '19095.5' },
    });
    expect(preview(s, sell('0.1'))).toMatchObject({ effect: 'closes', margin: '0', position: null });
    expect(preview(s, sell('0.5', true))).toMatchObject({ effect: 'closes', position: null, denials: [] });
    expect(preview(s, sell('0.3'))).toMatchObject({
      effect: 'flips',
      margin: '200',
      // 20,000 × 1.05 ÷ 1.005.
      position: { direction: 'short', size: '0.2', margin: '200', liquidationPrice: '20895.5' },
    });
    expect(preview(s, s.orderByHand({ symbol: 'ETHUSDT' }))).toMatchObject({ effect: 'opens' });
  });
});
