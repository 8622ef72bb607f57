import { pageOf } from '../exchange/listing.ts';
import { Refused } from '../exchange/refusal.ts';
import type { HoldMode } from '../exchange/settings.ts';
import { get, type PrivateCall, post, type Route } from '../http/call.ts';
import { listOf } from '../lists.ts';
import { symbolOf } from '../v3/marketRoutes.ts';
import { marginName } from '../v3/render.ts';
import { mustBeUsdt } from './marketRoutes.ts';
import { billRow, moneyFacts } from './render.ts';

const HOLD_MODES: readonly HoldMode[] = ['one_way_mode', 'hedge_mode'];

function account(call: PrivateCall): object {
  mustBeUsdt(call.params);
  const { trader } = call.user;
  const { crossed, long, short, marginMode } = trader.settings.of(symbolOf(call));
  return {
    ...moneyFacts(trader.read().money),
    crossedMarginLeverage: String(crossed),
    isolatedLongLever: String(long),
    isolatedShortLever: String(short),
    marginMode: marginName(marginMode),
    posMode: trader.settings.holdMode,
  };
}

function accounts({ params, user }: PrivateCall): object[] {
  mustBeUsdt(params);
  const { money } = user.trader.read();
  const crossed = user.trader.read().positions.filter(({ marginMode }) => marginMode === 'cross');
  const isolated = user.trader.read().positions.filter(({ marginMode }) => marginMode === 'isolated');
  return [
    {
      ...moneyFacts(money),
      unionTotalMargin: '0',
      unionAvailable: '0',
      unionMm: '0',
      assetList: [{ coin: 'USDT', balance: money.balance }],
      isolatedMargin: isolated.length === 0 ? '0' : money.initial,
      crossedMargin: crossed.length === 0 ? '0' : money.initial,
      crossedUnrealizedPL: crossed.length === 0 ? '0' : money.unrealised,
      isolatedUnrealizedPL: isolated.length === 0 ? '0' : money.unrealised,
      assetMode: 'single',
    },
  ];
}

function setLeverage(call: PrivateCall): object {
  const { params, user, exchange } = call;
  mustBeUsdt(params);
  params.must('marginCoin');
  const symbol = symbolOf(call);
  const most = exchange.prices.instrument(symbol)?.maxLeverage ?? 0;
  const read = (name: string): number | undefined => {
    const value = params.number(name);
    if (value !== undefined && (!Number.isInteger(value) || value < 1 || value > most))
      throw new Refused('leverage', 'Exceeded the maximum settable leverage');
    return value;
  };
  const both = read('leverage');
  const { trader } = user;
  const holdSide = params.oneOf('holdSide', ['long', 'short']);
  const { marginMode } = trader.settings.of(symbol);
  const long = read('longLeverage') ?? (holdSide === 'short' ? undefined : both);
  const short = read('shortLeverage') ?? (holdSide === 'long' ? undefined : both);
  if (marginMode === 'cross') {
    if (both === undefined) throw new Refused('parameter', 'Parameter leverage cannot be empty');
    trader.settings.change(symbol, { crossed: both });
  } else
    trader.settings.change(symbol, {
      ...(long === undefined ? {} : { long }),
      ...(short === undefined ? {} : { short }),
    });
  for (const leg of trader.settings.legs()) trader.applyLeverage({ symbol, leg, marginMode });
  const set = trader.settings.of(symbol);
  return { ...leverages(set), symbol, marginCoin: 'USDT', crossMarginLeverage: String(set.crossed) };
}

const leverages = ({
  long,
  short,
  marginMode,
}: ReturnType<PrivateCall['user']['trader']['settings']['of']>) => ({
  longLeverage: String(long),
  shortLeverage: String(short),
  marginMode: marginName(marginMode),
});

function setMarginMode(call: PrivateCall): object {
  const { params, user } = call;
  mustBeUsdt(params);
  const symbol = symbolOf(call);
  const { trader } = user;
  const asked = params.mustBeOneOf('marginMode', ['crossed', 'isolated']);
  const marginMode = asked === 'crossed' ? 'cross' : 'isolated';
  if (marginMode !== trader.settings.of(symbol).marginMode && trader.isBusy(symbol))
    throw new Refused('margin_mode_busy', 'There are orders or positions: the margin mode cannot be changed');
  trader.settings.change(symbol, { marginMode });
  return { ...leverages(trader.settings.of(symbol)), symbol, marginCoin: 'USDT' };
}

function bills({ params, user }: PrivateCall): object {
  mustBeUsdt(params);
  // Its filter takes none of the names that its own answers have.
  if (params.text('businessType') !== undefined)
    throw new Refused('parameter', 'Parameter businessType error');
  const { rows, lastId } = pageOf(user.trader.read().bills, {
    idOf: ({ billId }) => billId,
    timeOf: ({ ts }) => ts,
    before: params.text('idLessThan'),
    start: params.number('startTime'),
    end: params.number('endTime'),
    limit: Math.min(params.number('limit') ?? 20, 100),
  });
  return { bills: listOf(user.trader, rows.map(billRow)), endId: lastId };
}

/** No example of it is at hand: by the vendor's description. */
const info = ({ user }: PrivateCall): object => ({
  userId: user.uid,
  inviterId: '',
  ips: user.ips.join(','),
  authorities: user.readOnly ? user.permissions.filter((one) => one.endsWith('r')) : user.permissions,
  parentId: 0,
  traderType: 'not_trader',
  channelCode: '',
  channel: 'official',
  regisTime: '1704067200000',
});

export const v2AccountRoutes: readonly Route[] = [
  get('/api/v2/spot/account/info', 1, info),
  get('/api/v2/mix/account/account', 10, account),
  get('/api/v2/mix/account/accounts', 10, accounts),
  post('/api/v2/mix/account/set-leverage', 5, setLeverage),
  post('/api/v2/mix/account/set-margin-mode', 5, setMarginMode),
  post('/api/v2/mix/account/set-position-mode', 5, ({ params, user }) => {
    mustBeUsdt(params);
    const posMode = params.mustBeOneOf('posMode', HOLD_MODES);
    user.trader.setHoldMode(posMode);
    return { posMode };
  }),
  get('/api/v2/mix/account/bill', 10, bills),
];
