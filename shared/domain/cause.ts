import { z } from 'zod';
import { botStateSchema } from './botState.ts';
import { DENIAL_LIMITS } from './denial.ts';
import { type Figures, plainKinds, TOLD_BEFORE, type Told, toldSchema } from './figures.ts';

/** Why a venue refuses a request. */
export const venueRefusalSchema = z.enum([
  'insufficient_balance',
  'size',
  'step',
  'tick',
  'min_notional',
  'price_band',
  'reduce_only',
  'post_only',
  'stop_direction',
  'stop_exists',
  'no_position',
  'no_such_order',
  'duplicate_client_id',
  'leverage',
  'mode',
  'expired',
  'not_trading',
  'rate_limited',
  'maintenance',
  'permission',
  'other',
]);
export type VenueRefusal = z.infer<typeof venueRefusalSchema>;

/** Why an order ended at the venue other than by its fills; of one that it ends as it would refuse it, that. */
export const venueEndingSchema = z.enum([
  'requested',
  'ioc',
  'position_closed',
  'liquidation',
  'delisting',
  'delisted',
  ...venueRefusalSchema.options,
]);
export type VenueEnding = z.infer<typeof venueEndingSchema>;

export const causeKinds = {
  ...plainKinds,
  refusal: venueRefusalSchema,
  ending: venueEndingSchema,
  botState: botStateSchema,
  limit: z.enum(DENIAL_LIMITS),
} as const;

const PASSED = { mark: 'decimal', price: 'decimal' } as const;

/** Why an order is as it is, or something that was wanted of the venue did not come about. */
export const CAUSES = {
  /** The venue's word. */
  refused: { as: 'refusal' },
  ended: { as: 'ending' },
  unanswered: {},
  /** It was taken and given up with nothing filled. */
  gave_up: {},
  gave_up_as: { as: 'ending' },
  hangs: {},
  not_cancelled: { as: 'refusal' },
  /** Less than the venue takes an order for. */
  dust: { least: 'decimal', as: 'refusal' },
  /** What became of an order whose answer was lost. */
  never_received: {},
  forgotten: {},
  unaskable: {},
  /** What an order waits for. */
  awaits_settings: {},
  awaits_fills: {},
  /** Leverage and margin mode were not set. */
  settings_refused: { as: 'refusal' },
  settings_unanswered: {},
  settings_late: {},
  settings_changed: {},
  /** It was not sent, or not changed. */
  position_gone: {},
  desk_stands_still: {},
  too_late: {},
  order_over: {},
  order_being_cancelled: {},
  order_stays: {},
  stop_wanted_elsewhere: {},
  stop_not_wanted: {},
  other_stop_rests: {},
  only_stop: {},
  change_given_up: {},
  bot_not_running: { state: 'botState' },
  bot_deleted: {},
  denied: { limit: 'limit' },
  no_fresh_price: { symbol: 'symbol' },
  account_removed: {},
  /** What is wrong with a stop. */
  mark_passed: PASSED,
  mark_passed_plan: PASSED,
  stop_gone: {},
  stop_looser: { price: 'decimal' },
  stop_too_small: { size: 'decimal', of: 'decimal' },
  stop_not_moved: { price: 'decimal' },
  stop_wrong_type: {},
  stop_wrong_side: { side: 'side' },
  stop_may_open: {},
  stop_wrong_trigger: {},
  /** Why an account is not ready. */
  no_venue: { venue: 'name' },
  unreachable: {},
  stream_interrupted: {},
  restarting: {},
  resetting: {},
  keys_set: {},
  keys_removed: {},
  /** Sent past the server. */
  by_panic: {},
  ...TOLD_BEFORE,
} as const;
export type CauseCode = keyof typeof CAUSES;
export const causeSchema = toldSchema(causeKinds, CAUSES);
export type Cause = Told<typeof causeKinds, typeof CAUSES>;

export function because<C extends CauseCode>(
  code: C,
  figures: Figures<typeof causeKinds, typeof CAUSES, C>,
): Cause {
  // Code and figures belong together by the signature, which TypeScript cannot follow into the union.
  return { code, figures } as Cause;
}

/** The venue's word for its refusal; undefined: it was something else. */
export const refusalIn = (cause: Cause | null): VenueRefusal | undefined =>
  cause?.code === 'refused' ? cause.figures.as : undefined;
