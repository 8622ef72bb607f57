import { expect, test } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { PlaceOrder } from '../../ports/venue.ts';
import { byVenueId } from '../../testing/venue/refs.ts';
import { type AccountPush, emptyAccount, type MarketNow } from './account/state.ts';
import { VenueAccount } from './account/venueAccount.ts';
import { SIMULATED_INSTRUMENTS } from './prices/instruments.ts';
import { PROFILES } from './profiles.ts';

const SYMBOL = 'BTCUSDT';
const NOW = 1_700_000_000_000;
const d = dec;

/** A market that stands still at 100, whose rules for the symbol may change. */
class StillMarket implements MarketNow {
  readonly stepTime = NOW;
  rules: Instrument;

  constructor() {
    const known = SIMULATED_INSTRUMENTS.find(({ symbol }) => symbol === SYMBOL);
    if (known === undefined) throw new Error('no such instrument');
    this.rules = known;
  }

  instrument(symbol: string): Instrument | undefined {
    return symbol === SYMBOL ? this.rules : undefined;
  }

  quote(symbol: string) {
    const price = d('100');
    return {
      ...{ venue: 'sim', symbol, ts: NOW, last: price, bid: price, ask: price, mark: price, index: price },
      ...{ fundingRate: d('0'), nextFundingTime: NOW + 1 },
    };
  }

  depth() {
    return d('1000');
  }
}

function account(profile = PROFILES.ideal) {
  const market = new StillMarket();
  const made = new VenueAccount(emptyAccount('a', 1), market, profile, 1_000);
  made.deposit(d('10000'), NOW);
  return { market, account: made };
}

let ids = 0;
function order(fields: Partial<PlaceOrder>): PlaceOrder {
  return {
    account: { accountId: 'a' },
    clientOrderId: `c${ids++}`,
    symbol: SYMBOL,
    side: 'buy',
    type: 'market',
    size: d('2'),
    price: null,
    triggerPrice: null,
    triggerBy: null,
    timeInForce: 'ioc',
    reduceOnly: false,
    attachedStop: null,
    notAfter: null,
    ...fields,
  };
}

const stop = (fields: Partial<PlaceOrder> = {}): PlaceOrder =>
  order({
    side: 'sell',
    type: 'stop_market',
    triggerPrice: d('90'),
    triggerBy: 'mark',
    reduceOnly: true,
    ...fields,
  });
const limit = (fields: Partial<PlaceOrder>): PlaceOrder =>
  order({ type: 'limit', timeInForce: 'gtc', price: d('99'), ...fields });
const fills = (pushes: AccountPush[]) => pushes.flatMap((push) => (push.type === 'fill' ? [push.fill] : []));

test('[SIM-69] auto-deleveraging closes part of a position at the mark, in fills that say so; an unsized stop shrinks with it', () => {
  const { account: it } = account(PROFILES['v2-like']);
  it.place(order({}), NOW);
  it.place(stop(), NOW);
  const part = fills(it.deleverage(SYMBOL, d('0.5'), NOW));
  expect(part).toMatchObject([
    { side: 'sell', size: '0.5', price: '100', source: 'adl', clientOrderId: null },
  ]);
  expect(it.state.positions[SYMBOL]).toMatchObject({ size: '1.5' });
  expect(it.state.orders).toMatchObject([{ type: 'stop_market', size: '1.5' }]);
  expect(fills(it.deleverage(SYMBOL, d('9'), NOW))).toMatchObject([{ size: '1.5', source: 'adl' }]);
  expect(it.state.positions).toEqual({});
  expect(it.state.orders).toEqual([]);
});

test('[SIM-70] a symbol that ends cancels entries first and keeps stops; then nothing is left and positions are settled', () => {
  const { account: it, market } = account();
  it.place(order({}), NOW);
  it.place(stop(), NOW);
  it.place(limit({}), NOW);
  market.rules = { ...market.rules, status: 'close_only' };
  it.delist(SYMBOL, false, NOW);
  expect(it.state.orders).toMatchObject([{ type: 'stop_market' }]);
  expect(it.place(limit({}), NOW).answer).toMatchObject({ outcome: 'rejected', code: 'not_trading' });
  market.rules = { ...market.rules, status: 'halted' };
  const settled = fills(it.delist(SYMBOL, true, NOW));
  expect(settled).toMatchObject([{ size: '2', price: '100', source: 'settlement' }]);
  expect(it.state).toMatchObject({ orders: [], positions: {} });
});

test('[SIM-83] where minima hold for what closes, a position below them is closed by the call alone', () => {
  const { account: it, market } = account(PROFILES.loose);
  it.place(order({ size: d('0.05') }), NOW);
  market.rules = { ...market.rules, minNotional: d('50') };
  const whole = order({ side: 'sell', size: d('0.05'), reduceOnly: true });
  expect(it.place(whole, NOW).answer).toMatchObject({ outcome: 'rejected', code: 'min_notional' });
  market.rules = { ...market.rules, minSize: d('1') };
  expect(it.place(whole, NOW).answer).toMatchObject({ outcome: 'rejected', code: 'size' });
  expect(it.closePosition(SYMBOL, NOW).answer).toMatchObject({ outcome: 'accepted' });
  expect(it.state).toMatchObject({ positions: {}, orders: [] });
});

test('[SIM-71] rules of a symbol may change under open positions: what ends all of one passes, what rests stays', () => {
  const { account: it, market } = account();
  it.place(order({ size: d('0.0515') }), NOW);
  it.place(stop({ size: d('0.0515') }), NOW);
  market.rules = { ...market.rules, sizeStep: d('0.001'), minSize: d('1'), tickSize: d('7') };
  const [resting] = it.state.orders;
  const amended = it.amend(
    SYMBOL,
    byVenueId(resting?.venueOrderId ?? '', 'stop'),
    { triggerPrice: d('91') },
    NOW,
  );
  expect(amended.answer).toMatchObject({ outcome: 'accepted' });
  const partly = order({ side: 'sell', size: d('0.0005'), reduceOnly: true });
  expect(it.place(partly, NOW).answer).toMatchObject({ outcome: 'rejected', code: 'size' });
  const whole = order({ side: 'sell', size: d('0.0515'), reduceOnly: true });
  expect(it.place(whole, NOW).answer).toMatchObject({ outcome: 'accepted' });
  expect(it.state.positions).toEqual({});
});

test('[SIM-72] somebody may trade against a resting order wherever the price is, at the order’s own price', () => {
  const { account: it } = account();
  it.place(limit({ size: d('2') }), NOW);
  const id = it.state.orders[0]?.venueOrderId ?? '';
  expect(fills(it.tradeAgainst(id, d('0.5'), NOW))).toMatchObject([
    { size: '0.5', price: '99', liquidity: 'maker', source: 'order' },
  ]);
  expect(it.state.orders).toMatchObject([{ status: 'partially_filled', filledSize: '0.5' }]);
});
