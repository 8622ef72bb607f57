import type { Instrument } from '../../shared/domain/instrument.ts';

/** Why an order or a start is denied. Closed: screens and clients may switch over it. */
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
] as const;
export type DenialLimit = (typeof DENIAL_LIMITS)[number];

/** One reason for a denial: which limit, what was asked, what is allowed. */
export interface Denial {
  limit: DenialLimit;
  actual: string;
  allowed: string;
  message: string;
}

export type RefusalCode =
  | 'bad_request'
  | 'not_found'
  | 'version_conflict'
  | 'denied'
  | 'unavailable'
  | 'expired';

/** A command that changes nothing, and why. */
export interface Refusal {
  code: RefusalCode;
  message: string;
  details: Record<string, unknown>;
}

export function refuse(code: RefusalCode, message: string, details: Record<string, unknown> = {}): Refusal {
  return { code, message, details };
}

export function denied(denials: Denial[]): Refusal {
  const [first] = denials;
  if (first === undefined) throw new Error('denied without a reason');
  const { limit, actual, allowed } = first;
  const details = { limit, actual, allowed, ...(denials.length > 1 ? { denials } : {}) };
  return refuse('denied', denials.map((denial) => denial.message).join('; '), details);
}

export function denial(limit: DenialLimit, actual: string, allowed: string, message: string): Denial {
  return { limit, actual, allowed, message };
}

/** The market takes no entries as it is now. */
export function statusDenial(symbol: string, status: Instrument['status'] | undefined): Denial {
  const message =
    status === 'ended' ? `the market of ${symbol} has ended` : `${symbol} takes no entries: it is ${status}`;
  return denial('instrument_status', String(status), 'trading', message);
}
