import { z } from 'zod';
import {
  accountSchema,
  bookSchema,
  limitsSchema,
  limitValuesSchema,
  marginModeSchema,
  valuationSchema,
} from '../domain/account.ts';
import { emergencySchema } from '../domain/alert.ts';
import { botSchema, strategyParamsSchema } from '../domain/bot.ts';
import { fillSchema, tradeSchema } from '../domain/fill.ts';
import { instrumentSchema } from '../domain/instrument.ts';
import { candleSchema, intervalSchema } from '../domain/market.ts';
import { orderSchema, sideSchema, timeInForceSchema } from '../domain/order.ts';
import { positionSchema } from '../domain/position.ts';
import { decimalIn, decimalOut, epochMs } from '../domain/schemas.ts';
import { deliverySchema } from './frames.ts';

/**
 * How an op is treated:
 * - `session`: about the connection itself
 * - `read`: changes nothing
 * - `command`: changes something; takes `commandId`; may take `expectedVersion`
 * - `exposure`: a command that can add exposure; `validUntil` is required
 * - `exit`: stop, cancel, close, reduce, emergency: no version, no expiry, its own rate budget
 */
export type OpClass = 'session' | 'read' | 'command' | 'exposure' | 'exit';

interface OpDefinition<C extends OpClass, A extends z.ZodType, R extends z.ZodType> {
  class: C;
  summary: string;
  args: A;
  result: R;
}
const op = <C extends OpClass, A extends z.ZodType, R extends z.ZodType>(
  opClass: C,
  summary: string,
  args: A,
  result: R,
): OpDefinition<C, A, R> => ({ class: opClass, summary, args, result });

const id = z.string().min(1).max(64);
const name = z.string().trim().min(1).max(40);
const symbol = z.string().regex(/^[A-Z0-9]{2,24}$/, 'expected a symbol such as BTCUSDT');
const venue = z.string().regex(/^[a-z][a-z0-9-]{0,23}$/, 'expected a venue such as sim');
const limit = z.number().int().min(1).max(1_000).default(100);
const cursor = z.string().max(200).optional();
const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });
const none = z.strictObject({});

/** The reply of every command: durable at `seq`. What the venue then does arrives as frames. */
export const accepted = z.object({ status: z.literal('accepted'), seq: z.number().int() });
export const positionRefSchema = z.object({
  accountId: z.string(),
  symbol: z.string(),
  direction: z.enum(['long', 'short']),
  size: decimalOut,
  botId: z.string().nullable(),
});

export const deviceInputSchema = z.strictObject({
  id: id,
  name: z.string().trim().min(1).max(60),
  kind: z.enum(['desktop', 'phone', 'tablet', 'program', 'other']),
});
export type DeviceInput = z.infer<typeof deviceInputSchema>;

/** A device of the user, and how far its sockets have acknowledged. */
export const deviceSchema = z.object({
  deviceId: z.string(),
  name: z.string(),
  kind: deviceInputSchema.shape.kind,
  connected: z.boolean(),
  sockets: z.number().int(),
  /** Highest seq acknowledged by its furthest-behind socket; null: nothing yet. */
  ackedSeq: z.number().int().nullable(),
  /** Server-measured time from send to acknowledgement of the last fill or head, ms. */
  lagMs: z.number().nullable(),
  stale: z.boolean(),
  lastSeenAt: epochMs,
  createdAt: epochMs,
  /** The last fill it acknowledged, with the time at each station; null: none since it connected here. */
  lastDelivery: deliverySchema.nullable().optional(),
});
export type Device = z.infer<typeof deviceSchema>;

const channelPattern =
  /^(desk|pnl|devices|ticker:[a-z0-9-]+\.[A-Z0-9]+|candles:[a-z0-9-]+\.[A-Z0-9]+\.(1m|3m|5m|15m|30m|1h|4h|1d)|log:[A-Za-z0-9_-]{1,64})$/;
export const channelSchema = z
  .string()
  .max(128)
  .regex(
    channelPattern,
    'expected desk, pnl, devices, ticker:<venue>.<symbol>, candles:<venue>.<symbol>.<interval> or log:<botId>',
  );
const channels = z.array(channelSchema).min(1).max(50);

/** Protection a bot or a manual order asks for; percentages of the entry price. */
const manualProtection = z.strictObject({
  stopPrice: decimalIn.optional(),
  takeProfitPrice: decimalIn.optional(),
});

const botConfig = z.strictObject({
  name,
  accountId: id,
  symbol,
  interval: intervalSchema,
  strategy: z.string().min(1).max(40),
  params: strategyParamsSchema.default({}),
  allocationPct: decimalIn,
  leverage: z.number().int().min(1).max(125).default(1),
  marginMode: marginModeSchema.default('isolated'),
  onRestart: z.enum(['hold', 'resume']).default('hold'),
});

const scope = { accountId: id.optional(), book: bookSchema.optional() };
const historyFilter = {
  accountId: id.optional(),
  botId: id.optional(),
  symbol: symbol.optional(),
  from: epochMs.optional(),
  to: epochMs.optional(),
  cursor,
  limit,
};

export const ops = {
  'session.authenticate': op(
    'session',
    'Prove who you are. The first frame, within 5 s of opening.',
    z.strictObject({
      token: z.string().min(1).max(4_096),
      device: deviceInputSchema.optional(),
      viewVersion: z.number().int().positive(),
    }),
    z.object({
      userId: z.string(),
      sessionId: z.string(),
      deviceId: z.string(),
      role: z.enum(['user', 'admin']),
      scopes: z.array(z.string()),
      expiresAt: epochMs,
      serverTime: epochMs,
      viewVersion: z.number().int(),
      epoch: z.string(),
      limits: z.record(z.string(), z.number()),
    }),
  ),
  'session.refresh': op(
    'session',
    'Go on with a new access token of the same user on the same socket.',
    z.strictObject({ token: z.string().min(1).max(4_096) }),
    z.object({ expiresAt: epochMs }),
  ),
  ping: op(
    'session',
    'Ask for the time; shows that the connection lives.',
    none,
    z.object({ serverTime: epochMs }),
  ),
  subscribe: op(
    'session',
    'Join channels. With `since`, `desk` answers with what was missed, or with a snapshot.',
    z.strictObject({
      channels,
      since: z.strictObject({ epoch: z.string().max(64), seq: z.number().int().nonnegative() }).optional(),
      intervalMs: z.number().int().min(100).max(60_000).optional(),
    }),
    z.object({ desk: z.unknown().optional(), channels: z.array(z.string()) }),
  ),
  unsubscribe: op(
    'session',
    'Leave channels.',
    z.strictObject({ channels }),
    z.object({ channels: z.array(z.string()) }),
  ),
  ack: op(
    'session',
    'Everything up to `seq` was received and folded.',
    z.strictObject({ seq: z.number().int().nonnegative() }),
    z.object({}),
  ),

  'venues.list': op(
    'read',
    'The venues of this server.',
    none,
    z.object({
      venues: z.array(
        z.object({
          venue: z.string(),
          name: z.string(),
          book: bookSchema,
          simulated: z.boolean(),
          speed: z.number(),
        }),
      ),
    }),
  ),
  'market.instruments': op(
    'read',
    'What can be traded at a venue.',
    z.strictObject({ venue }),
    z.object({ instruments: z.array(instrumentSchema) }),
  ),
  'market.candles': op(
    'read',
    'Closed bars, oldest first, ending before `before` (default: now).',
    z.strictObject({
      venue,
      symbol,
      interval: intervalSchema,
      before: epochMs.optional(),
      limit: z.number().int().min(1).max(1_000).default(300),
    }),
    z.object({ candles: z.array(candleSchema) }),
  ),

  'accounts.list': op('read', 'Your accounts.', none, z.object({ accounts: z.array(accountSchema) })),
  'accounts.create': op(
    'command',
    'Open an account. At the simulated venue it starts with `deposit` (default 10000 USDT).',
    z.strictObject({
      name,
      venue,
      leverage: z.number().int().min(1).max(125).default(1),
      marginMode: marginModeSchema.default('isolated'),
      deposit: decimalIn.optional(),
    }),
    accepted.extend({ accountId: z.string() }),
  ),
  'accounts.update': op(
    'command',
    'Change name, leverage or margin mode of an account.',
    z.strictObject({
      accountId: id,
      name: name.optional(),
      leverage: z.number().int().min(1).max(125).optional(),
      marginMode: marginModeSchema.optional(),
    }),
    accepted,
  ),
  'accounts.test': op(
    'read',
    'Ask the venue whether the account works; each row says what was checked.',
    z.strictObject({ accountId: id }),
    z.object({ rows: z.array(z.object({ check: z.string(), ok: z.boolean(), detail: z.string() })) }),
  ),
  'accounts.reset': op(
    'command',
    'Start a flat simulated account anew with its first deposit.',
    z.strictObject({ accountId: id }),
    accepted,
  ),
  'accounts.remove': op(
    'command',
    'Remove a flat account without bots.',
    z.strictObject({ accountId: id }),
    accepted,
  ),
  'accounts.resolveForeign': op(
    'command',
    'What was found at the venue is known and stays: entries may go on.',
    z.strictObject({ accountId: id }),
    accepted,
  ),
  'account.get': op(
    'read',
    'Balances, equity, margin and positions of one account.',
    z.strictObject({ accountId: id }),
    z.object({
      account: accountSchema,
      valuation: valuationSchema.nullable(),
      positions: z.array(positionSchema),
      asOf: epochMs,
    }),
  ),

  'limits.get': op(
    'read',
    'Limits per account.',
    z.strictObject({ accountId: id.optional() }),
    z.object({ limits: z.array(limitsSchema) }),
  ),
  'limits.set': op(
    'command',
    'Change limits of an account. Tighter ones apply at once, looser ones from the next local midnight.',
    z.strictObject({
      accountId: id,
      values: z
        .strictObject({
          dailyLoss: decimalIn.nullable(),
          dailyLossPolicy: limitValuesSchema.shape.dailyLossPolicy,
          drawdownPct: decimalIn.nullable(),
          drawdownPolicy: limitValuesSchema.shape.drawdownPolicy,
          maxLeverage: limitValuesSchema.shape.maxLeverage,
          maxPositions: limitValuesSchema.shape.maxPositions,
          maxOrderNotional: decimalIn.nullable(),
          maxTotalNotional: decimalIn.nullable(),
          maxOrdersPerMinute: limitValuesSchema.shape.maxOrdersPerMinute,
          priceBandPct: decimalIn.nullable(),
          liquidationMarginPct: decimalIn.nullable(),
          cooldownAfterStopMs: limitValuesSchema.shape.cooldownAfterStopMs,
        })
        .partial(),
      timeZone: z.string().max(64).optional(),
    }),
    accepted,
  ),

  'strategies.list': op(
    'read',
    'Strategies with their parameters, defaults and presets.',
    none,
    z.object({
      strategies: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          summary: z.string(),
          defaultInterval: intervalSchema,
          /** JSON Schema of the parameters. */
          paramsSchema: z.record(z.string(), z.unknown()),
          defaults: strategyParamsSchema,
          presets: z.array(
            z.object({
              id: z.string(),
              name: z.string(),
              interval: intervalSchema,
              params: strategyParamsSchema,
            }),
          ),
        }),
      ),
    }),
  ),

  'bots.list': op('read', 'Your bots.', none, z.object({ bots: z.array(botSchema) })),
  'bots.create': op('command', 'Create a stopped bot.', botConfig, accepted.extend({ botId: z.string() })),
  'bots.update': op(
    'command',
    'Change a stopped bot.',
    z.strictObject({
      botId: id,
      ...botConfig.partial().shape,
      params: strategyParamsSchema.optional(),
      leverage: z.number().int().min(1).max(125).optional(),
      marginMode: marginModeSchema.optional(),
      onRestart: z.enum(['hold', 'resume']).optional(),
    }),
    accepted,
  ),
  'bots.clone': op(
    'command',
    'Copy a bot under another name; the copy is stopped.',
    z.strictObject({ botId: id, name, allocationPct: decimalIn.optional() }),
    accepted.extend({ botId: z.string() }),
  ),
  'bots.delete': op(
    'command',
    'Delete a stopped bot; its history stays.',
    z.strictObject({ botId: id }),
    accepted,
  ),
  'bots.start': op(
    'exposure',
    'Start a bot that is stopped, halted or in error.',
    z.strictObject({ botId: id }),
    accepted,
  ),
  'bots.pause': op('exit', 'No more entries; exits stay managed.', z.strictObject({ botId: id }), accepted),
  'bots.resume': op(
    'exposure',
    'Entries again after pause or hold.',
    z.strictObject({ botId: id }),
    accepted,
  ),
  'bots.stop': op(
    'exit',
    'Stop a bot: latch, cancel, close its exposure, verify flat. `hold` keeps the position with its stop.',
    z.strictObject({ botId: id, positions: z.enum(['close', 'hold']).default('close') }),
    accepted,
  ),
  'bots.startAll': op(
    'exposure',
    'Start every stopped bot (of a book or account).',
    z.strictObject(scope),
    accepted.extend({ botIds: z.array(z.string()) }),
  ),
  'bots.stopAll': op(
    'exit',
    'Stop every bot (of a book or account).',
    z.strictObject({ ...scope, positions: z.enum(['close', 'hold']).default('close') }),
    accepted.extend({ botIds: z.array(z.string()) }),
  ),

  'orders.submit': op(
    'exposure',
    'Place an order by hand. With `preview` nothing is placed: cost, fee, liquidation price and denials come back.',
    z.strictObject({
      accountId: id,
      symbol,
      side: sideSchema,
      type: z.enum(['market', 'limit']),
      size: decimalIn,
      price: decimalIn.optional(),
      timeInForce: timeInForceSchema.optional(),
      reduceOnly: z.boolean().default(false),
      protection: manualProtection.optional(),
      preview: z.boolean().default(false),
    }),
    z.union([
      accepted.extend({ orderId: z.string() }),
      z.object({
        status: z.literal('preview'),
        notional: decimalOut,
        margin: decimalOut,
        fee: decimalOut,
        liquidationPrice: decimalOut.nullable(),
        denials: z.array(wireDenial()),
      }),
    ]),
  ),
  'orders.amend': op(
    'exposure',
    'Change price or size of a working limit order.',
    z.strictObject({ orderId: id, price: decimalIn.optional(), size: decimalIn.optional() }),
    accepted,
  ),
  'orders.cancel': op('exit', 'Cancel a working order.', z.strictObject({ orderId: id }), accepted),
  'orders.list': op(
    'read',
    'Working orders.',
    z.strictObject({ accountId: id.optional() }),
    z.object({ orders: z.array(orderSchema) }),
  ),

  'positions.list': op(
    'read',
    'Open positions.',
    z.strictObject({ accountId: id.optional() }),
    z.object({ positions: z.array(positionSchema) }),
  ),
  'positions.close': op(
    'exit',
    'Close a position at the market, reduce-only.',
    z.strictObject({ accountId: id, symbol }),
    accepted,
  ),
  'positions.reduce': op(
    'exit',
    'Reduce a position by `size` at the market, reduce-only.',
    z.strictObject({ accountId: id, symbol, size: decimalIn }),
    accepted,
  ),
  'positions.setStop': op(
    'command',
    'Place or move the stop of a position.',
    z.strictObject({ accountId: id, symbol, triggerPrice: decimalIn }),
    accepted,
  ),

  'emergency.stop': op(
    'exit',
    'Latch, cancel, close everything of a book or account (default: all), verify, report. `preview` only lists.',
    z.strictObject({ ...scope, preview: z.boolean().default(false) }),
    z.union([
      accepted.extend({ emergencyId: z.string() }),
      z.object({
        status: z.literal('preview'),
        positions: z.array(positionRefSchema),
        orders: z.number().int(),
      }),
    ]),
  ),
  'emergency.release': op(
    'command',
    'Allow entries again after an emergency stop.',
    z.strictObject(scope),
    accepted,
  ),

  'history.orders': op(
    'read',
    'Closed and open orders, newest first.',
    z.strictObject(historyFilter),
    page(orderSchema),
  ),
  'history.fills': op('read', 'Fills, newest first.', z.strictObject(historyFilter), page(fillSchema)),
  'history.trades': op(
    'read',
    'Round trips, newest first.',
    z.strictObject(historyFilter),
    page(tradeSchema),
  ),
  'history.equity': op(
    'read',
    'Equity of accounts over time, newest first.',
    z.strictObject(historyFilter),
    page(z.object({ accountId: z.string(), ts: epochMs, equity: decimalOut, balance: decimalOut })),
  ),
  'history.bills': op(
    'read',
    'Every change of a balance, newest first.',
    z.strictObject(historyFilter),
    page(
      z.object({
        billId: z.string(),
        accountId: z.string(),
        symbol: z.string().nullable(),
        coin: z.string(),
        kind: z.enum(['realised', 'fee', 'funding', 'transfer', 'adjustment']),
        amount: decimalOut,
        ts: epochMs,
      }),
    ),
  ),

  'devices.list': op('read', 'Your devices.', none, z.object({ devices: z.array(deviceSchema) })),
  'devices.revoke': op(
    'command',
    'Log a device out; its sockets close.',
    z.strictObject({ deviceId: id }),
    z.object({ status: z.literal('accepted') }),
  ),
  'emergency.list': op(
    'read',
    'The last emergency stops with their receipts.',
    none,
    z.object({ emergencies: z.array(emergencySchema) }),
  ),
} as const;

/** One reason why an order is denied: the limit, what was asked, what is allowed. */
function wireDenial() {
  return z.object({ limit: z.string(), actual: z.string(), allowed: z.string(), message: z.string() });
}

export type Ops = typeof ops;
export type OpName = keyof Ops;
export const OP_NAMES = Object.keys(ops) as OpName[];
/** Arguments as a caller writes them (defaults optional). */
export type OpArgsInput<O extends OpName> = z.input<Ops[O]['args']>;
/** Arguments after parsing. */
export type OpArgs<O extends OpName> = z.output<Ops[O]['args']>;
export type OpResult<O extends OpName> = z.output<Ops[O]['result']>;

/** Ops that go to the desk's engine as commands, in its one ordered inbox. */
export type CommandName = {
  [O in OpName]: Ops[O]['class'] extends 'command' | 'exposure' | 'exit'
    ? O extends 'devices.revoke'
      ? never
      : O
    : never;
}[OpName];

export function isOpName(name: string): name is OpName {
  return Object.hasOwn(ops, name);
}
