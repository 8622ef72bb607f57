/** Why the stand-in refuses a request; each family of the API has codes for them. */
export type RefusalReason =
  | 'balance'
  | 'min_qty'
  | 'max_qty'
  | 'min_amount'
  | 'qty_step'
  | 'tick'
  | 'price_band'
  | 'no_order'
  | 'no_plan'
  | 'no_stop'
  | 'no_stop_position'
  | 'duplicate'
  | 'no_position'
  | 'side_mismatch'
  | 'mode_busy'
  | 'margin_mode_busy'
  | 'stop_direction'
  | 'stop_exists'
  | 'leverage'
  | 'parameter'
  | 'symbol'
  | 'not_trading'
  | 'too_many_orders'
  | 'post_only';

/** A request that the exchange refuses. */
export class Refused extends Error {
  constructor(
    readonly reason: RefusalReason,
    message: string,
  ) {
    super(message);
  }
}
