import { describe, expect, test } from 'vitest';
import { dec } from '../../../../shared/domain/decimal.ts';
import { parseKeyFacts as parseAuthorities, parseAccountPush as parseEquity } from '../v2/account.ts';
import { parseFillPage } from '../v2/fills.ts';
import { parseOrder as parseClassicOrder } from '../v2/orders.ts';
import { parsePlanPage } from '../v2/planOrders.ts';
import { parseItems } from '../v2/writes.ts';
import { parseAccountPush, parseAssets, parseKeyFacts, parseSettings } from '../v3/account.ts';
import { parseFillPush } from '../v3/fills.ts';
import { parseInstruments } from '../v3/instruments.ts';
import { parseOrder } from '../v3/orders.ts';
import { parsePositionPush, parsePositions } from '../v3/positions.ts';
import { parseWaitingStrategyOrders } from '../v3/strategyOrders.ts';
import { billKindOf, receivedOf } from './billKinds.ts';
import { statusOf } from './instrumentRules.ts';
import { endingOf, givenId, sourceOf } from './words.ts';

const order = (fields: object) =>
  parseOrder({
    orderId: '1',
    symbol: 'BTCUSDT',
    orderType: 'limit',
    orderStatus: 'live',
    qty: '1',
    price: '2',
    ...fields,
  });
const classic = (fields: object) =>
  parseClassicOrder({
    orderId: '1',
    symbol: 'btcusdt',
    orderType: 'limit',
    state: 'live',
    size: '1',
    price: '2',
    ...fields,
  });

describe('what is derived', () => {
  test.each([
    ['buy', 'long', false],
    ['sell', 'long', true],
    ['sell', 'short', false],
    ['buy', 'short', true],
  ] as const)(
    '[BIT-10] hedge mode, unified: %s with %s closes: %s, whatever reduceOnly says',
    (side, posSide, closes) => {
      const hedge = { side, posSide, holdMode: 'hedge_mode', reduceOnly: 'NO' };
      expect(order(hedge)).toMatchObject({ side, reduceOnly: closes });
      expect(order({ ...hedge, posSide: undefined, holdSide: posSide }).reduceOnly).toBe(closes);
    },
  );

  test('[BIT-10] in one-way mode the side of the position says nothing; what is not told is null', () => {
    const oneWay = { side: 'sell', posSide: 'long', holdMode: 'one_way_mode' };
    expect(order({ ...oneWay, reduceOnly: 'no' }).reduceOnly).toBe(false);
    expect(order({ ...oneWay, reduceOnly: 'YES' }).reduceOnly).toBe(true);
    expect(order(oneWay).reduceOnly).toBeNull();
    expect(order({ side: 'sell', holdMode: 'hedge_mode', tradeSide: 'close' }).reduceOnly).toBe(true);
    expect(order({ side: 'sell', holdMode: 'hedge_mode' }).reduceOnly).toBeNull();
  });

  test.each([
    ['buy', 'open', 'buy', false],
    ['sell', 'open', 'sell', false],
    ['buy', 'close', 'sell', true],
    ['sell', 'close', 'buy', true],
    ['buy', 'burst_close_long', 'sell', true],
    ['buy', 'dte_sys_adl_close_short', 'buy', true],
  ] as const)('[BIT-10] hedge mode, classic: %s to %s trades as %s', (side, tradeSide, trades, closes) => {
    expect(classic({ side, tradeSide, posMode: 'hedge_mode' })).toMatchObject({
      side: trades,
      reduceOnly: closes,
    });
    const row = { tradeId: '1', symbol: 'btcusdt', orderId: '2', price: '1', baseVolume: '1', cTime: '5' };
    const { fills } = parseFillPage({ fillList: [{ ...row, side, tradeSide, posMode: 'hedge_mode' }] });
    expect(fills[0]?.side).toBe(trades);
  });

  test('[BIT-11] fees are positive where paid: the unified API tells them so, the classic one the other way round', () => {
    const fill = {
      execId: '1',
      orderId: '2',
      symbol: 'BTCUSDT',
      side: 'buy',
      execPrice: '1',
      execQty: '1',
      execTime: '5',
    };
    const fee = (amount: string, feeCoin = 'USDT') => [{ feeCoin, fee: amount }];
    expect(parseFillPush([{ ...fill, feeDetail: fee('0.5') }])[0]).toMatchObject({
      fee: '0.5',
      feeCoin: 'USDT',
    });
    expect(parseFillPush([{ ...fill, feeDetail: fee('-0.1', 'bgb') }])[0]).toMatchObject({
      fee: '-0.1',
      feeCoin: 'BGB',
    });
    expect(parseFillPush([{ ...fill, feeDetail: null }])[0]).toMatchObject({ fee: '0', feeCoin: null });
    expect(parseFillPush([{ ...fill, feeDetail: [{ feeCoin: null, fee: null }] }])[0]).toMatchObject({
      fee: '0',
    });
  });

  test('[BIT-12] what nobody of us ordered says what it is: liquidation, forced reduction, ADL, delivery, a stop, a target', () => {
    for (const word of [
      'liquidation',
      'burst_close_long',
      'burst_sell',
      'reduce_close_short',
      'force_close_long',
    ])
      expect(sourceOf('normal', word)).toBe('liquidation');
    for (const word of ['dte_sys_adl_buy_in_single_side_mode', 'dte_sys_adl_close_long', 'adl'])
      expect(sourceOf(word, 'close')).toBe('adl');
    expect(sourceOf('delivery_close_long')).toBe('settlement');
    for (const word of ['pos_loss_market', 'loss_limit', 'loss_market']) expect(sourceOf(word)).toBe('stop');
    for (const word of ['pos_profit_limit', 'profit_market']) expect(sourceOf(word)).toBe('take_profit');
    for (const word of ['normal', 'close', 'open', '', null, undefined, 'market'])
      expect(sourceOf(word)).toBeNull();
    expect(endingOf('cancelled', 'liquidation_cancel', 'gtc')).toBe('liquidation');
    expect(endingOf('cancelled', 'normal_cancel', 'gtc')).toBe('requested');
    expect(endingOf('cancelled', null, 'ioc')).toBe('ioc');
    expect(endingOf('cancelled', null, 'post_only')).toBe('post_only');
    expect([endingOf('cancelled', null, 'gtc'), endingOf('filled', 'normal_cancel', 'gtc')]).toEqual([
      null,
      null,
    ]);
  });

  test('[BIT-13] an id that the exchange gave to what it made itself is no client id', () => {
    expect(givenId('1288888888888888889')).toBeNull();
    expect(givenId('0123456789abcdef0123456789abcdef')).toBe('0123456789abcdef0123456789abcdef');
    expect(givenId('12345678901234567890123456789012')).toBe('12345678901234567890123456789012');
    expect([givenId('myorder001'), givenId(null)]).toEqual(['myorder001', null]);
  });

  test('[BIT-14] stops: one object may hold two legs, types may be missing, lists bare or paged (?)', () => {
    const stop = {
      orderId: '9',
      symbol: 'BTCUSDT',
      status: 'pending',
      posSide: 'short',
      stopLoss: '110',
      slTriggerBy: 'mark',
    };
    const [told] = parseWaitingStrategyOrders([{ ...stop, takeProfit: '90', qty: '' }]);
    expect(told).toMatchObject({
      side: 'buy',
      type: 'stop_market',
      triggerPrice: '110',
      triggerBy: 'mark',
      size: null,
      reduceOnly: true,
    });
    expect(parseWaitingStrategyOrders({ list: [stop], cursor: '' })).toHaveLength(1);
    expect([parseWaitingStrategyOrders(null), parseWaitingStrategyOrders({ list: null })]).toEqual([[], []]);
    const [target] = parseWaitingStrategyOrders([{ ...stop, stopLoss: '', takeProfit: '90' }]);
    expect(target).toMatchObject({ type: 'limit', price: '90', triggerPrice: null, reduceOnly: true });
    const [entry] = parseWaitingStrategyOrders([
      {
        ...stop,
        stopLoss: '',
        type: 'trigger',
        side: 'sell',
        triggerPrice: '95',
        triggerBy: 'market',
        reduceOnly: 'no',
      },
    ]);
    expect(entry).toMatchObject({
      side: 'sell',
      type: 'stop_market',
      triggerPrice: '95',
      triggerBy: 'last',
      reduceOnly: false,
    });
    // One-way accounts may leave the side of the position out (?).
    const [oneWay] = parseWaitingStrategyOrders([{ ...stop, posSide: '', side: 'buy' }]);
    expect(oneWay).toMatchObject({ side: 'buy', reduceOnly: true });
    expect(parseWaitingStrategyOrders([{ ...stop, posSide: '' }])[0]?.side).toBeNull();
  });

  test('[BIT-14] classic stops: those of a position close it whole, and name the order they became', () => {
    const plan = {
      orderId: '9',
      symbol: 'btcusdt',
      planStatus: 'live',
      posSide: 'long',
      triggerPrice: '90',
      triggerType: 'mark_price',
    };
    const { orders } = parsePlanPage('x', {
      entrustedList: [
        { ...plan, planType: 'pos_loss', size: '1', posMode: 'hedge_mode', side: 'buy' },
        { ...plan, planType: 'loss_plan', size: '0.5' },
        { ...plan, planType: 'pos_profit', planStatus: 'executed', executeOrderId: '10' },
        { ...plan, planType: 'normal_plan', side: 'buy', tradeSide: 'open', size: '2' },
      ],
    });
    expect(orders).toMatchObject([
      {
        type: 'stop_market',
        side: 'sell',
        size: null,
        triggerPrice: '90',
        triggerBy: 'mark',
        reduceOnly: true,
      },
      { type: 'stop_market', side: 'sell', size: '0.5' },
      { type: 'limit', price: '90', status: 'triggered', becameOrderId: '10' },
      { type: 'stop_market', side: 'buy', size: '2', reduceOnly: false },
    ]);
    expect(parsePlanPage('x', null).orders).toEqual([]);
    expect(parsePlanPage('x', { entrustedList: null }).orders).toEqual([]);
  });

  test('[BIT-15] funding goes the way its name says, whatever its sign (?); what fills tell is no bill', () => {
    for (const type of ['CONTRACT_MAIN_SETTLE_FEE_USER_OUT', 'MARGIN_SETTLE_FEE_USER_OUT']) {
      expect(billKindOf(type)).toBe('funding');
      for (const amount of ['1.5', '-1.5']) expect(receivedOf(type, dec(amount))).toBe('-1.5');
    }
    expect(receivedOf('CONTRACT_MAIN_SETTLE_FEE_USER_IN', dec('-2'))).toBe('2');
    expect(receivedOf('contract_settle_fee', dec('-0.004992'))).toBe('-0.004992');
    for (const type of [
      'open_long',
      'close_short',
      'ORDER_DEALT_IN',
      'burst_close_long',
      'buy',
      'append_margin',
    ])
      expect(billKindOf(type)).toBeUndefined();
    for (const type of ['trans_from_exchange', 'TRANSFER_IN']) expect(billKindOf(type)).toBe('transfer');
    expect(billKindOf('bonus_issue')).toBe('adjustment');
  });

  test('[BIT-16] the balance is without what positions are ahead, whichever of the two the exchange tells (?)', () => {
    const assets = (equity: string, balance: string) =>
      parseAssets({ usdtUnrealisedPnl: '-5', assets: [{ coin: 'USDT', equity, balance }] }).balances.USDT;
    expect(assets('95', '100')).toBe('100');
    expect(assets('95', '95')).toBe('100');
    expect(
      parseAccountPush([{ unrealisedPnL: '3', coin: [{ coin: 'USDT', equity: '103', balance: '103' }] }]),
    ).toEqual({
      balances: { USDT: '100' },
    });
    expect(parseAccountPush(null)).toBeUndefined();
    expect(parseEquity(null)).toEqual({});
  });

  test('[BIT-17] what withdraws, and an account that is being changed, is told apart', () => {
    const key = (permissions: string[], permType = 'read-and-write') =>
      parseKeyFacts({ userId: '1', permissions, permType });
    expect(key(['uta_mgt', 'uta_trade'])).toEqual({ uid: '1', canTrade: true, canWithdraw: false });
    expect(key(['uta_trade', 'withdraw']).canWithdraw).toBe(true);
    expect([key(['uta_mgt']).canTrade, key(['uta_trade'], 'read-only').canTrade]).toEqual([false, false]);
    expect(parseAuthorities({ userId: 1, authorities: ['coor', 'coow', 'cpow'] })).toMatchObject({
      canTrade: true,
      canWithdraw: false,
    });
    expect(parseAuthorities({ userId: 1, authorities: ['coor', 'wwow'] })).toMatchObject({
      canTrade: false,
      canWithdraw: true,
    });
    const settings = { holdMode: 'one_way_mode', symbolConfigList: null };
    for (const accountMode of ['upgrading', 'switching'])
      expect(() => parseSettings({ ...settings, accountMode })).toThrow(
        expect.objectContaining({ fault: { kind: 'account_moving' } }),
      );
    expect(
      parseSettings({ ...settings, accountMode: 'hybrid', accountLevel: 'isolated' }).marginModes,
    ).toEqual(['isolated']);
    expect(parseSettings({ ...settings, accountLevel: 'delta' }).marginModes).toEqual(['cross']);
  });

  test('[BIT-18] a contract has ended once its announced end has come, and is halted where nothing else is known', () => {
    expect(statusOf('online', null, 5)).toBe('trading');
    expect(statusOf('limit_open', null, 5)).toBe('close_only');
    expect([statusOf('offline', null, 5), statusOf('offline', 4, 5), statusOf('off', 9, 5)]).toEqual([
      'halted',
      'ended',
      'halted',
    ]);
    expect(statusOf('a new word', null, 5)).toBe('halted');
    expect(parseInstruments('bitget', null, 5)).toEqual([]);
  });

  test('[BIT-19] a position of no size is over in a push, and not there in an answer; no liquidation price is null', () => {
    const row = {
      symbol: 'BTCUSDT',
      posSide: 'short',
      avgPrice: '100',
      leverage: '10',
      marginMode: 'isolated',
    };
    expect(parsePositionPush([{ ...row, size: '3', liqPrice: '-1' }])[0]).toMatchObject({
      ...{ direction: 'short', size: '3', cost: '300', liquidationPrice: null, marginMode: 'isolated' },
    });
    expect(parsePositionPush([{ ...row, size: '3', positionStatus: 'ended' }])[0]?.size).toBe('0');
    expect(parsePositions({ list: [{ ...row, total: '0' }] })).toEqual([]);
    expect([parsePositions(null), parsePositions({ list: null })]).toEqual([[], []]);
    expect(() => parsePositions({ list: [{ ...row, total: '1', posSide: '' }] })).toThrow(
      expect.objectContaining({ fault: { kind: 'no_sense' } }),
    );
  });

  test('[BIT-20] a cancel that answers with nothing found nothing', () => {
    for (const empty of [null, {}, { successList: [], failureList: null }])
      expect(() => parseItems('x', empty)).toThrow(
        expect.objectContaining({ fault: { kind: 'refused', as: 'no_such_order' } }),
      );
    expect(() => parseItems('x', { failureList: [{ orderId: '1', errorCode: '43118' }] })).toThrow(
      expect.objectContaining({ fault: { kind: 'refused', as: 'duplicate_client_id' } }),
    );
  });
});
