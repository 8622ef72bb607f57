import { z } from 'zod';
import { causeKinds, causeSchema } from './cause.ts';
import { type Family, plainKinds, TOLD_BEFORE, type Told, toldMembers } from './figures.ts';
import { orderPurposeSchema, orderStatusSchema } from './order.ts';
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
  orphan_fill: news(),
  position_liquidated: news(),
  position_deleveraged: news(),
  position_settled: news(),
  balance_adjusted: news(),
  emergency_residual_closed: news(),
  /** Never raised, but read from the log of an older server. */
  told: news('what it tells of ends'),
} as const satisfies Record<string, AlertKind>;
export type AlertCode = keyof typeof ALERT_KINDS;
export const ALERT_CODES = Object.keys(ALERT_KINDS) as [AlertCode, ...AlertCode[]];
export const alertCodeSchema = z.enum(ALERT_CODES);

export const alertKinds = {
  ...plainKinds,
  cause: causeSchema,
  refusal: causeKinds.refusal,
  orderStatus: orderStatusSchema,
  /** A price; null: at the market. */
  price: decimalOut.nullable(),
  /** Where a stop that the venue would not move or take leaves the position. */
  stopLeft: z.enum(['former', 'same', 'none']),
  /** What protects a position, or brings it home, besides. */
  rest: z.enum(['stop', 'nothing']),
  /** What of our books differs from the venue's. */
  compared: z.enum(['balance', 'realised']),
  /** What became of the answer to a change. */
  answer: z.enum(['taken', 'lost']),
  /** What the venue does with a symbol. */
  leaving: z.enum(['delisting', 'delisted']),
  /** How `npm run panic` ended. */
  panicEnd: z.enum(['flat', 'left', 'cut_off']),
  left: z.array(z.object({ symbol: z.string(), size: decimalOut, cause: causeSchema })),
  sizes: z.array(z.object({ symbol: z.string(), size: decimalOut })),
} as const;

const FORCED = {
  symbol: 'symbol',
  direction: 'direction',
  size: 'decimal',
  price: 'decimal',
  realised: 'decimal',
  fee: 'decimal',
  left: 'decimal',
} as const;

/** The figures of each alert. */
export const ALERTS = {
  account_unreachable: { account: 'name', cause: 'cause' },
  unprotected: { symbol: 'symbol', for: 'duration' },
  stop_failed: { symbol: 'symbol', cause: 'cause' },
  stop_replace_refused: { symbol: 'symbol', cause: 'cause', left: 'stopLeft' },
  stop_missing: { symbol: 'symbol', direction: 'direction', size: 'decimal' },
  stop_differs: { symbol: 'symbol', cause: 'cause' },
  stop_behind_liquidation: {
    symbol: 'symbol',
    direction: 'direction',
    stop: 'decimal',
    margin: 'decimal',
    liquidation: 'decimal',
  },
  close_refused: { symbol: 'symbol', cause: 'cause' },
  exit_refused: { symbol: 'symbol', cause: 'cause' },
  take_profit_refused: { symbol: 'symbol', price: 'decimal', cause: 'cause', rest: 'rest' },
  ledger_mismatch: { of: 'compared', theirs: 'decimal', ours: 'decimal', coin: 'coin' },
  emergency_residual: { left: 'left' },
  symbol_delisted: { symbol: 'symbol', bot: 'name', how: 'leaving' },
  market_ended: { symbol: 'symbol', bot: 'name' },
  panic: { account: 'name', end: 'panicEnd' },
  stop_moved: { symbol: 'symbol', shown: 'decimal', wanted: 'decimal' },
  dust: { bot: 'name', symbol: 'symbol', direction: 'direction', size: 'decimal' },
  entry_rejected: { symbol: 'symbol', as: 'refusal' },
  amend_refused: { symbol: 'symbol', cause: 'cause' },
  amend_lost: {
    symbol: 'symbol',
    answer: 'answer',
    size: 'decimal',
    price: 'price',
    status: 'orderStatus',
    nowSize: 'decimal',
    nowPrice: 'price',
  },
  amend_made: { symbol: 'symbol', size: 'decimal', price: 'price' },
  late_order: { symbol: 'symbol', status: 'orderStatus' },
  late_fill: { symbol: 'symbol', bot: 'name' },
  orphan_fill: { symbol: 'symbol' },
  position_liquidated: FORCED,
  position_deleveraged: FORCED,
  position_settled: FORCED,
  balance_adjusted: { amount: 'decimal', coin: 'coin' },
  emergency_residual_closed: { closed: 'sizes' },
  ...TOLD_BEFORE,
} as const satisfies { [C in AlertCode]: Family<typeof alertKinds>[string] };

const alertFields = {
  /** Stable per cause, so that raising it again updates it. */
  alertId: z.string(),
  severity: z.enum(['info', 'warning', 'critical']),
  accountId: z.string().nullable(),
  botId: z.string().nullable(),
  /** Only news: its owner may dismiss it. What still stands goes with its cause. */
  dismissible: z.boolean(),
  raisedAt: wallMs,
};
export type ToldAlert = Told<typeof alertKinds, typeof ALERTS>;
export type Alert = z.infer<z.ZodObject<typeof alertFields>> & ToldAlert;
export const alertSchema = z.discriminatedUnion(
  'code',
  toldMembers(alertKinds, ALERTS, 'code', alertFields),
) as unknown as z.ZodType<Alert, Alert>;

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
  /** Who asked for it. */
  by: z.enum(['user', 'admin', 'engine']),
  /** From which of the user's devices; null: from none of them. */
  deviceId: z.string().nullable(),
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
      why: causeSchema,
      /** An order that cannot be cancelled, with what of it is not filled as its size; absent: a position. */
      orderId: z.string().optional(),
      closedAt: wallMs.optional(),
    }),
  ),
});
export type Emergency = z.infer<typeof emergencySchema>;
