import type { LimitValues } from '../../shared/domain/account.ts';
import type { Decimal } from '../../shared/domain/decimal.ts';
import type { CommandName, OpArgs } from '../../shared/protocol/ops.ts';
import type { BotConfig, Command, OrderRequest } from '../core/commands.ts';

/** Play money of a simulated account unless asked otherwise. */
export const DEFAULT_DEPOSIT = '10000' as Decimal;

/** Members that are undefined are absent: a partial change must not overwrite with nothing. */
type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };
function defined<T extends object>(value: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Partial<
    Defined<T>
  >;
}

type Mapping = { [O in CommandName]: (args: OpArgs<O>) => Command };

const COMMANDS: Mapping = {
  'accounts.create': ({ deposit, ...args }) => ({
    type: 'CreateAccount',
    ...args,
    deposit: deposit ?? DEFAULT_DEPOSIT,
  }),
  'accounts.update': ({ accountId, name, leverage, marginMode }) => ({
    type: 'UpdateAccount',
    accountId,
    name,
    leverage,
    marginMode,
  }),
  'accounts.reset': (args) => ({ type: 'ResetAccount', ...args }),
  'accounts.remove': (args) => ({ type: 'RemoveAccount', ...args }),
  'accounts.removeKeys': (args) => ({ type: 'RemoveKeys', ...args }),
  'accounts.resolveForeign': (args) => ({ type: 'ResolveForeign', ...args }),
  'limits.set': ({ accountId, book, values, timeZone }) => ({
    type: 'SetLimits',
    accountId,
    book,
    values: defined(values) as Partial<LimitValues>,
    timeZone,
  }),
  'bots.create': (args) => ({ type: 'CreateBot', config: args }),
  'bots.update': ({ botId, ...change }) => ({
    type: 'UpdateBot',
    botId,
    change: defined(change) as Partial<BotConfig>,
  }),
  'bots.clone': ({ botId, name, allocationPct }) => ({ type: 'CloneBot', botId, name, allocationPct }),
  'bots.delete': (args) => ({ type: 'DeleteBot', ...args }),
  'bots.start': (args) => ({ type: 'StartBot', ...args }),
  'bots.pause': (args) => ({ type: 'PauseBot', ...args }),
  'bots.resume': (args) => ({ type: 'ResumeBot', ...args }),
  'bots.stop': (args) => ({ type: 'StopBot', ...args }),
  'bots.startAll': (scope) => ({ type: 'StartBots', scope }),
  'bots.stopAll': ({ positions, ...scope }) => ({ type: 'StopBots', scope, positions }),
  'orders.submit': (args) => ({ type: 'SubmitOrder', request: orderRequestOf(args) }),
  'orders.amend': ({ orderId, price, size }) => ({ type: 'AmendOrder', orderId, price, size }),
  'orders.cancel': (args) => ({ type: 'CancelOrder', ...args }),
  'positions.close': (args) => ({ type: 'ClosePosition', ...args }),
  'positions.reduce': (args) => ({ type: 'ReducePosition', ...args }),
  'positions.setStop': (args) => ({ type: 'SetStop', ...args }),
  'positions.setTakeProfit': (args) => ({ type: 'SetTakeProfit', ...args }),
  'alerts.dismiss': (args) => ({ type: 'DismissAlert', ...args }),
  'emergency.stop': ({ accountId, book }) => ({ type: 'EmergencyStop', scope: { accountId, book } }),
  'emergency.release': (scope) => ({ type: 'ReleaseEmergency', scope }),
};

export function orderRequestOf(args: OpArgs<'orders.submit'>): OrderRequest {
  return {
    accountId: args.accountId,
    symbol: args.symbol,
    side: args.side,
    type: args.type,
    size: args.size,
    price: args.price ?? null,
    timeInForce: args.timeInForce ?? 'gtc',
    reduceOnly: args.reduceOnly,
    stopPrice: args.protection?.stopPrice ?? null,
    takeProfitPrice: args.protection?.takeProfitPrice ?? null,
  };
}

/** The command that an op with parsed arguments asks of a desk. */
export function commandOf(op: CommandName, args: unknown): Command {
  // The gateway parsed `args` by this op's own schema.
  const map = COMMANDS[op] as (args: unknown) => Command;
  return map(args);
}
