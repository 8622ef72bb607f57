import type { VenueRefusal } from '../../../shared/domain/cause.ts';

/**
 * What a venue's refusal says about asking for the same again:
 * - `passing`: not now
 * - `price`: not as far from the market's price as it is now, or not on this side of it
 * - `halted`: not before the venue trades the symbol again, which may take long
 * - `books`: the account is not what our books say; it is read before anything is concluded
 * - `final`: not this, however often it is asked for
 */
export type RefusalKind = 'passing' | 'price' | 'halted' | 'books' | 'final';

const KIND: Record<VenueRefusal, RefusalKind> = {
  rate_limited: 'passing',
  maintenance: 'passing',
  expired: 'passing',
  price_band: 'price',
  stop_direction: 'price',
  post_only: 'price',
  not_trading: 'halted',
  reduce_only: 'books',
  no_position: 'books',
  stop_exists: 'books',
  no_such_order: 'books',
  duplicate_client_id: 'books',
  insufficient_balance: 'final',
  size: 'final',
  step: 'final',
  tick: 'final',
  min_notional: 'final',
  leverage: 'final',
  mode: 'final',
  permission: 'final',
  other: 'final',
};

/** Undefined: it was no refusal, which says nothing of the kind. */
export const refusalKind = (code: VenueRefusal | undefined): RefusalKind =>
  code === undefined ? 'final' : KIND[code];

/** Whether a refusal says "not now" rather than "not this". */
export const isPassing = (code: VenueRefusal): boolean => refusalKind(code) === 'passing';
