import { mulDiv, ONE, sub } from '../../../../shared/domain/decimal.ts';
import { pageOf } from '../exchange/listing.ts';
import type { Money } from '../exchange/reading.ts';
import { Refused } from '../exchange/refusal.ts';
import type { HoldMode } from '../exchange/settings.ts';
import { get, type PrivateCall, post, type Route } from '../http/call.ts';
import { emptyList } from '../lists.ts';
import { mustBeFutures, symbolOf } from './marketRoutes.ts';
import { billRow, CATEGORY, marginName, ratio } from './render.ts';

const HOLD_MODES: readonly HoldMode[] = ['one_way_mode', 'hedge_mode'];
const BTC_PRICE = '64000' as typeof ONE;
const BGB_PRICE = '4' as typeof ONE;

function assets({ user }: PrivateCall): object {
  const { money } = user.trader.read();
  const { bgb } = user.trader;
  const bgbValue = mulDiv(bgb, BGB_PRICE, ONE);
  const usdt = assetRow('USDT', money);
  const other = { ...usdt, coin: 'BGB', equity: bgb, usdValue: bgbValue, balance: bgb, available: bgb };
  return {
    accountEquity: money.equity,
    usdtEquity: money.equity,
    btcEquity: ratio(money.equity, BTC_PRICE),
    unrealisedPnl: money.unrealised,
    usdtUnrealisedPnl: money.unrealised,
    btcUnrealizedPnl: ratio(money.unrealised, BTC_PRICE),
    effEquity: money.equity,
    mmr: money.maintenance,
    imr: money.initial,
    mgnRatio: ratio(money.maintenance, money.equity),
    positionMgnRatio: ratio(money.initial, money.equity),
    assets: bgb === '0' ? [usdt] : [usdt, { ...other, debt: '0', locked: '0' }],
  };
}

const assetRow = (coin: string, money: Money): object => ({
  coin,
  equity: money.equity,
  usdValue: money.equity,
  balance: money.balance,
  available: money.available,
  debt: '0',
  locked: sub(money.locked, money.initial).startsWith('-') ? '0' : sub(money.locked, money.initial),
});

function settings({ user }: PrivateCall): object {
  const { trader } = user;
  const symbols = trader.settings.symbols.map((symbol) => {
    const { marginMode, crossed, long } = trader.settings.of(symbol);
    const leverage = String(marginMode === 'cross' ? crossed : long);
    return { category: CATEGORY, symbol, marginMode: marginName(marginMode), leverage };
  });
  return {
    uid: user.uid,
    accountMode: user.accountMode,
    assetMode: 'multi_assets',
    accountLevel: user.accountLevel,
    holdMode: trader.settings.holdMode,
    stpMode: 'none',
    symbolConfigList: symbols.length === 0 ? emptyList(trader) : symbols,
    coinConfigList: emptyList(trader),
  };
}

const info = ({ user }: PrivateCall): object => ({
  userId: user.uid,
  inviterId: '',
  parentId: '',
  channelCode: '',
  channel: 'official',
  ips: user.ips.join(','),
  permType: user.readOnly ? 'read-only' : 'read-and-write',
  permissions: user.permissions,
  regisTime: '1704067200000',
});

function setLeverage(call: PrivateCall): string {
  const { params, user, exchange } = call;
  mustBeFutures(params);
  const symbol = symbolOf(call);
  const most = exchange.prices.instrument(symbol)?.maxLeverage ?? 0;
  const read = (name: string): number | undefined => {
    const value = params.number(name);
    if (value !== undefined && (!Number.isInteger(value) || value < 1 || value > most))
      throw new Refused('leverage', `The leverage is between 1 and ${most}`);
    return value;
  };
  const both = read('leverage');
  const marginMode = params.oneOf('marginMode', ['crossed', 'isolated']);
  const posSide = params.oneOf('posSide', ['long', 'short']);
  const ofIsolated = marginMode === 'crossed' ? undefined : both;
  const asked = {
    crossed: marginMode === 'isolated' ? undefined : both,
    long: read('longLeverage') ?? (posSide === 'short' ? undefined : ofIsolated),
    short: read('shortLeverage') ?? (posSide === 'long' ? undefined : ofIsolated),
  };
  const change = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  if (Object.keys(change).length === 0) throw new Refused('parameter', 'Parameter leverage cannot be empty');
  const { trader } = user;
  trader.settings.change(symbol, change);
  for (const leg of trader.settings.legs())
    for (const mode of ['cross', 'isolated'] as const)
      trader.applyLeverage({ symbol, leg, marginMode: mode });
  return 'success';
}

function records({ params, user }: PrivateCall): object {
  const { trader } = user;
  const type = params.text('type');
  const { rows, lastId } = pageOf(
    trader.read().bills.map((bill) => ({ bill, row: billRow(bill) as { type: string } })),
    {
      idOf: ({ bill }) => bill.billId,
      timeOf: ({ bill }) => bill.ts,
      before: params.text('cursor'),
      start: params.number('startTime'),
      end: params.number('endTime'),
      limit: Math.min(params.number('limit') ?? 100, 100),
    },
  );
  const shown = rows.filter(({ row }) => type === undefined || row.type === type).map(({ row }) => row);
  return { list: shown.length === 0 ? emptyList(trader) : shown, cursor: lastId };
}

export const v3AccountRoutes: readonly Route[] = [
  get('/api/v3/account/assets', 20, assets),
  get('/api/v3/account/settings', 20, settings),
  get('/api/v3/account/info', 5, info),
  post('/api/v3/account/set-leverage', 10, setLeverage),
  post('/api/v3/account/set-hold-mode', 10, ({ params, user }) => {
    user.trader.setHoldMode(params.mustBeOneOf('holdMode', HOLD_MODES));
    return 'success';
  }),
  get('/api/v3/account/fee-rate', 10, (call) => {
    const facts = call.exchange.prices.instrument(symbolOf(call));
    return { makerFeeRate: facts?.makerFeeRate ?? '0', takerFeeRate: facts?.takerFeeRate ?? '0' };
  }),
  get('/api/v3/account/financial-records', 20, records),
];
