import { z } from 'zod';
import { orderPurposeSchema } from './order.ts';
import { decimalOut, epochMs } from './schemas.ts';

export const alertSchema = z.object({
  /** Stable per cause, so that raising it again updates it. */
  alertId: z.string(),
  severity: z.enum(['info', 'warning', 'critical']),
  code: z.string(),
  message: z.string(),
  accountId: z.string().nullable(),
  botId: z.string().nullable(),
  /** Only news: its owner may dismiss it. What still stands goes with its cause. */
  dismissible: z.boolean(),
  raisedAt: epochMs,
});
export type Alert = z.infer<typeof alertSchema>;

export const emergencyStageSchema = z.enum([
  'latched',
  'cancelling',
  'closing',
  'verifying',
  'cleaning',
  'done',
]);
export type EmergencyStage = z.infer<typeof emergencyStageSchema>;

/** Whose an order or a position is: a bot's, the user's own, or of something else that trades with the same keys. */
export const originSchema = z.enum(['bot', 'manual', 'foreign']);
export type Origin = z.infer<typeof originSchema>;

/** What an emergency stop found, did, and could not do. */
export const emergencySchema = z.object({
  emergencyId: z.string(),
  accountIds: z.array(z.string()),
  /** Who asked for it. Absent in those of older servers. */
  by: z.enum(['user', 'admin', 'engine']).optional(),
  stage: emergencyStageSchema,
  startedAt: epochMs,
  finishedAt: epochMs.nullable(),
  /** What was open when it began, manual and foreign included. */
  found: z.array(
    z.object({
      accountId: z.string(),
      symbol: z.string(),
      direction: z.enum(['long', 'short']),
      size: decimalOut,
      botId: z.string().nullable(),
      origin: originSchema.optional(),
    }),
  ),
  /** What closed since it began, by whichever order, at the average price of its fills. `notional`: price × size. */
  closed: z.array(
    z.object({
      accountId: z.string(),
      symbol: z.string(),
      size: decimalOut,
      price: decimalOut,
      notional: decimalOut.optional(),
    }),
  ),
  /** Accounts whose venue confirmed that nothing is open. */
  confirmed: z.array(z.string()),
  /** Accounts whose venue was seen to hold nothing but what the receipt leaves, orders it refuses to cancel among it. */
  refusing: z.array(z.string()).optional(),
  /** So far. */
  ordersCancelled: z.number().int(),
  /** The same by kind of order. */
  cancelled: z
    .array(
      z.object({
        accountId: z.string(),
        symbol: z.string(),
        purpose: orderPurposeSchema,
        count: z.number().int(),
      }),
    )
    .optional(),
  /** How far it has come. Notionals in the settlement coin: what is left at its cost, what closed at its prices. */
  progress: z
    .object({
      positionsLeft: z.number().int(),
      ordersLeft: z.number().int(),
      notionalLeft: decimalOut,
      notionalClosed: decimalOut,
    })
    .optional(),
  /**
   * What was still open when the receipt was given, and why. Empty with stage `done`: the venue confirmed that nothing
   * is. `closedAt`: when the venue was seen to hold it no longer; absent while it is tried on.
   */
  residual: z.array(
    z.object({
      accountId: z.string(),
      symbol: z.string(),
      size: decimalOut,
      why: z.string(),
      /** An order that cannot be cancelled, with what of it is not filled as its size; absent: a position. */
      orderId: z.string().optional(),
      closedAt: epochMs.optional(),
    }),
  ),
});
export type Emergency = z.infer<typeof emergencySchema>;
