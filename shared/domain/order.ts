import { z } from 'zod';
import { causeSchema, venueRefusalSchema } from './cause.ts';
import { decimalOut, marketMs, wallMs } from './schemas.ts';

export const sideSchema = z.enum(['buy', 'sell']);
export type Side = z.infer<typeof sideSchema>;
export const orderTypeSchema = z.enum(['market', 'limit', 'stop_market']);
export type OrderType = z.infer<typeof orderTypeSchema>;
/**
 * - `gtc`: works until it is filled or cancelled
 * - `ioc`: what does not trade at once is cancelled
 * - `fok`: trades whole and at once, or not at all
 * - `post_only`: never trades at once
 */
export const timeInForceSchema = z.enum(['gtc', 'ioc', 'fok', 'post_only']);
export type TimeInForce = z.infer<typeof timeInForceSchema>;
export const triggerBySchema = z.enum(['mark', 'last']);
export type TriggerBy = z.infer<typeof triggerBySchema>;

/**
 * - `submitting`: durable here, the venue has not answered yet
 * - `unknown`: the venue's answer was lost; being looked for, never sent again
 * - `open`, `partially_filled`: working at the venue
 * - `filled`, `cancelled`, `rejected` (by the venue), `abandoned` (never arrived): closed
 */
export const orderStatusSchema = z.enum([
  'submitting',
  'unknown',
  'open',
  'partially_filled',
  'filled',
  'cancelled',
  'rejected',
  'abandoned',
]);
export type OrderStatus = z.infer<typeof orderStatusSchema>;

/** What an order is for: decides what a stop cancels last, and what a latch lets pass. */
export const orderPurposeSchema = z.enum(['entry', 'exit', 'take_profit', 'stop', 'close', 'manual']);
export type OrderPurpose = z.infer<typeof orderPurposeSchema>;

/** What an order comes to when it fills whole: `flips` closes the position and opens the other side with the rest. */
export const orderEffectSchema = z.enum(['opens', 'adds', 'reduces', 'closes', 'flips']);
export type OrderEffect = z.infer<typeof orderEffectSchema>;

export const orderSchema = z.object({
  /** Ours; the venue is given it too. */
  orderId: z.string(),
  /** The venue's; null: not answered yet. A change of the order may give it another. */
  venueOrderId: z.string().nullable(),
  /** The venue's ids of before, the last 16, oldest first: fills of then name them. Absent: it had no other. */
  formerVenueOrderIds: z.array(z.string()).optional(),
  /** Of a stop that fired: the venue's id of the order that it became, whose fills are its own. Absent: its fills name the stop. */
  becameOrderId: z.string().optional(),
  accountId: z.string(),
  /** Null: placed by hand, or found at the venue. */
  botId: z.string().nullable(),
  symbol: z.string(),
  side: sideSchema,
  type: orderTypeSchema,
  purpose: orderPurposeSchema,
  /** The strategy's name for this order (`entry`, `tp1`, …); empty for orders of the engine and by hand. */
  slot: z.string(),
  /** In the base coin, filled part included. */
  size: decimalOut,
  /** Null: at the market. */
  price: decimalOut.nullable(),
  /** Of a stop. */
  triggerPrice: decimalOut.nullable(),
  triggerBy: triggerBySchema.nullable(),
  timeInForce: timeInForceSchema,
  reduceOnly: z.boolean(),
  /** The stop that the venue places itself with the first fill of this entry. */
  attachedStop: z.object({ triggerPrice: decimalOut, triggerBy: triggerBySchema }).nullable(),
  /** By hand: the position it opens gets a reduce-only limit order resting at this price. */
  takeProfitPrice: decimalOut.optional(),
  /** Found at the venue and not adopted: shown, and left alone. Absent: false. */
  foreign: z.boolean().optional(),
  status: orderStatusSchema,
  /** We asked the venue to cancel it and have no answer yet. */
  cancelRequested: z.boolean(),
  /** How often in a row the venue refused to cancel it, not counting "not now", why, and when last. Absent: it did not. */
  cancelRefused: z.object({ count: z.number().int(), reason: venueRefusalSchema, lastAt: wallMs }).optional(),
  /**
   * What its owner wants it changed to, until the venue has answered. `lostUntil`: that answer was lost; market time until
   * which the change may still come.
   */
  amending: z
    .object({
      price: decimalOut.nullable(),
      size: decimalOut,
      lostUntil: marketMs.optional(),
      /** The venue took the change, and has not shown it yet. */
      accepted: z.literal(true).optional(),
    })
    .optional(),
  /** A look-up of it got no answer, or found nothing too early to tell: it is asked again until one does. */
  unanswered: z.boolean(),
  /** Of another than a stop: by the venue's clock, when its size or price was last shown changed; market ms. Absent: it was not. */
  changedAt: marketMs.optional(),
  /** Of a stop: when the venue last showed it as it was to be read back, wall ms; null: not yet. */
  shownAt: wallMs.nullable(),
  /** In the base coin. */
  filledSize: decimalOut,
  /** Σ price × size of its fills. */
  filledNotional: decimalOut,
  feePaid: decimalOut,
  /** Why it was rejected, cancelled or abandoned, or what it waits for. */
  reason: causeSchema.nullable(),
  /** Market time after which the venue must not accept it. */
  notAfter: marketMs.nullable(),
  createdAt: wallMs,
  updatedAt: wallMs,
});
export type Order = z.infer<typeof orderSchema>;

export const isClosedStatus = (status: OrderStatus): boolean =>
  status === 'filled' || status === 'cancelled' || status === 'rejected' || status === 'abandoned';

export const isOpen = (order: Order): boolean => !isClosedStatus(order.status);

export const opposite = (side: Side): Side => (side === 'buy' ? 'sell' : 'buy');
