import { z } from 'zod';
import { accountStatusSchema, latchReasonSchema } from './accountStatus.ts';
import { botStateSchema } from './botState.ts';
import { toldBreachSchema } from './breach.ts';
import { plainKinds, TOLD_BEFORE, type Told, toldSchema } from './figures.ts';
import { foreignFoundSchema } from './foreignFound.ts';
import { instrumentSchema } from './instrument.ts';

export const denialKinds = {
  ...plainKinds,
  accountStatus: accountStatusSchema,
  latch: latchReasonSchema,
  botState: botStateSchema,
  marketStatus: instrumentSchema.shape.status,
  breach: toldBreachSchema,
  foreign: foreignFoundSchema,
  /** Which price of an order. */
  priceOf: z.enum(['order', 'stop', 'take_profit']),
  /** Whose stop: of the order itself, of the position, of another working order. */
  stopOf: z.enum(['this', 'position', 'order']),
  /** What ends a broken limit. */
  breachEnd: z.enum(['midnight', 'release']),
} as const;

/** Why an order, a start or a channel is denied: by which limit, with what was asked and what is allowed. */
export const DENIALS = {
  account_ready: { account: 'name', status: 'accountStatus' },
  account_latched: { latch: 'latch' },
  foreign_activity: { found: 'foreign' },
  foreign_on_symbol: { symbol: 'symbol' },
  limit_breached: { breach: 'breach', end: 'breachEnd' },
  stop_outs_counted: { count: 'count', within: 'duration' },
  symbol_claimed: { symbol: 'symbol', bot: 'name', state: 'botState' },
  symbol_has_orders: { symbol: 'symbol', actual: 'count' },
  symbol_has_position: { symbol: 'symbol', direction: 'direction', size: 'decimal' },
  symbol_known: { symbol: 'symbol', venue: 'name' },
  instrument_status: { symbol: 'symbol', status: 'marketStatus' },
  fresh_price: { symbol: 'symbol' },
  /** Some price that is needed to tell what is available, what is open, or what all accounts are worth. */
  available_known: {},
  exposure_known: { scope: 'scope' },
  equity_known: { scope: 'scope' },
  size_positive: { actual: 'decimal' },
  size_minimum: { actual: 'decimal', allowed: 'decimal' },
  size_maximum: { actual: 'decimal', allowed: 'decimal' },
  size_step: { actual: 'decimal', allowed: 'decimal' },
  price_required: {},
  price_tick: { of: 'priceOf', actual: 'decimal', allowed: 'decimal' },
  /** In percent of the mark. */
  price_band: { price: 'decimal', mark: 'decimal', actual: 'decimal', allowed: 'decimal' },
  minimum_notional: { actual: 'decimal', allowed: 'decimal', coin: 'coin' },
  balance: { actual: 'decimal', allowed: 'decimal', coin: 'coin' },
  leverage: { actual: 'count', allowed: 'count' },
  max_positions: { actual: 'count', allowed: 'count', scope: 'scope' },
  order_notional: { actual: 'decimal', allowed: 'decimal', scope: 'scope' },
  total_notional: { actual: 'decimal', allowed: 'decimal', scope: 'scope' },
  order_rate: { actual: 'count', allowed: 'count', scope: 'scope' },
  open_orders: { actual: 'count', allowed: 'count' },
  stop_side: { direction: 'direction', bound: 'bound', actual: 'decimal', allowed: 'decimal' },
  stop_liquidation: {
    of: 'stopOf',
    liquidation: 'decimal',
    bound: 'bound',
    actual: 'decimal',
    allowed: 'decimal',
  },
  stop_required: {},
  stop_exists: { held: 'decimal' },
  take_profit_side: { direction: 'direction', bound: 'bound', actual: 'decimal', allowed: 'decimal' },
  take_profit_exists: { symbol: 'symbol', allowed: 'decimal' },
  take_profit_on_order: { symbol: 'symbol', allowed: 'decimal' },
  nothing_opened: {},
  amend_under_way: { size: 'decimal', price: 'decimal' },
  reduce_only_position: { side: 'side' },
  allocation: { actual: 'decimal', allowed: 'decimal' },
  allocation_range: { actual: 'decimal' },
  bots_per_user: { actual: 'count', allowed: 'count' },
  bot_name: { name: 'name' },
  channels: { actual: 'count', allowed: 'count' },
  ...TOLD_BEFORE,
} as const;
export type DenialLimit = keyof typeof DENIALS;
/** Closed: screens and clients may switch over it. */
export const DENIAL_LIMITS = Object.keys(DENIALS) as [DenialLimit, ...DenialLimit[]];

/** One reason for a denial. */
export const denialSchema = toldSchema(denialKinds, DENIALS, 'limit');
export type Denial = Told<typeof denialKinds, typeof DENIALS, 'limit'>;
