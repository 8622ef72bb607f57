import { z } from 'zod';
import { orderPurposeSchema } from './order.ts';
import { decimalOut, wallMs } from './schemas.ts';

interface AlertKind {
  /** A condition is so until its cause ends, and cannot be dismissed before; news has happened, and may be. */
  stands: 'condition' | 'news';
  /** What ends it; news that nothing else ends waits for its owner. */
  until: string;
}

const condition = (until: string) => ({ stands: 'condition', until }) as const;
const news = (until = 'its owner dismisses it') => ({ stands: 'news', until }) as const;

/** Every alert there is, by its code. */
export const ALERT_KINDS = {
  account_unreachable: condition('the account is read'),
  unprotected: condition('a stop rests, or the position is closed'),
  stop_failed: condition('a stop rests, or the position is closed'),
  stop_replace_refused: condition('a stop rests where it is wanted, or the position is closed'),
  stop_missing: condition('a stop rests, or the position is closed'),
  stop_differs: condition('the stop rests as it is wanted, or the position is closed'),
  stop_behind_liquidation: condition(
    'the stop lies before the liquidation price again, or the position is closed',
  ),
  close_refused: condition('some of it is closed, or nobody closes it any more'),
  exit_refused: condition('the exit is taken, or the position is closed'),
  take_profit_refused: condition('its owner sets another one, or the position is closed'),
  ledger_mismatch: condition('a reading of the account agrees with our books'),
  emergency_residual: condition('nothing of it is left'),
  symbol_delisted: condition('its bot is stopped, started again or deleted'),
  market_ended: condition('its bot is stopped, started again or deleted'),
  panic: condition('the account is released'),
  stop_moved: news('the position is closed, or its owner dismisses it'),
  dust: news('nothing of it is left, or its owner dismisses it'),
  entry_rejected: news('the venue takes an entry of the bot, or its owner dismisses it'),
  amend_refused: news('the order is over or changed again, or its owner dismisses it'),
  amend_lost: news('the order is over or changed again, or its owner dismisses it'),
  amend_made: news('the order is over or changed again, or its owner dismisses it'),
  late_order: news(),
  late_fill: news(),
  position_liquidated: news(),
  position_deleveraged: news(),
  position_settled: news(),
  balance_adjusted: news(),
  emergency_residual_closed: news(),
} as const satisfies Record<string, AlertKind>;
export type AlertCode = keyof typeof ALERT_KINDS;
export const ALERT_CODES = Object.keys(ALERT_KINDS) as AlertCode[];

export const alertSchema = z.object({
  /** Stable per cause, so that raising it again updates it. */
  alertId: z.string(),
  severity: z.enum(['info', 'warning', 'critical']),
  code: z.enum(ALERT_CODES),
  message: z.string(),
  accountId: z.string().nullable(),
  botId: z.string().nullable(),
  /** Only news: its owner may dismiss it. What still stands goes with its cause. */
  dismissible: z.boolean(),
  raisedAt: wallMs,
});
export type Alert = z.infer<typeof alertSchema>;

/**
 * - `latched`: entries are latched, nothing else has happened
 * - `cancelling`: working orders but stops are cancelled
 * - `closing`: positions are closed, reduce-only, under their stops
 * - `cleaning`: what still works, stops among it, is cancelled
 * - `verifying`: the venue is asked whether anything is open
 * - `done`: the receipt; `residual` is what could not be closed
 */
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
  /** From which of the user's devices; null: from none of them. Absent in those of older servers. */
  deviceId: z.string().nullable().optional(),
  stage: emergencyStageSchema,
  startedAt: wallMs,
  finishedAt: wallMs.nullable(),
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
      closedAt: wallMs.optional(),
    }),
  ),
});
export type Emergency = z.infer<typeof emergencySchema>;
