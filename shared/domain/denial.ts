import { z } from 'zod';

/** Why an order, a start or a channel is denied. Closed: screens and clients may switch over it. */
export const DENIAL_LIMITS = [
  'account_ready',
  'account_latched',
  'foreign_activity',
  'limit_breached',
  'symbol_claimed',
  'symbol_known',
  'instrument_status',
  'fresh_price',
  'size_positive',
  'size_minimum',
  'size_maximum',
  'size_step',
  'price_required',
  'price_tick',
  'price_band',
  'minimum_notional',
  'balance',
  'leverage',
  'max_positions',
  'order_notional',
  'total_notional',
  'order_rate',
  'open_orders',
  'stop_side',
  'stop_liquidation',
  'stop_required',
  'stop_exists',
  'take_profit_side',
  'take_profit_exists',
  'nothing_opened',
  'amend_under_way',
  'reduce_only_position',
  'cooldown',
  'allocation',
  'bots_per_user',
  'bot_name',
  'channels',
] as const;
export type DenialLimit = (typeof DENIAL_LIMITS)[number];

/** One reason for a denial: which limit, what was asked, what is allowed. */
export const denialSchema = z.object({
  limit: z.enum(DENIAL_LIMITS),
  actual: z.string(),
  allowed: z.string(),
  message: z.string(),
});
export type Denial = z.infer<typeof denialSchema>;
