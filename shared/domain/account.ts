import { z } from 'zod';
import { accountStatusSchema, latchReasonSchema } from './accountStatus.ts';
import { causeSchema } from './cause.ts';
import { foreignFoundSchema } from './foreignFound.ts';
import { decimalOut, marketMs, wallMs } from './schemas.ts';

/** Play money at the simulated venue, play money at an exchange, real money. */
export const bookSchema = z.enum(['simulated', 'demo', 'live']);
export type Book = z.infer<typeof bookSchema>;
export const marginModeSchema = z.enum(['isolated', 'cross']);
export type MarginMode = z.infer<typeof marginModeSchema>;

export const accountSchema = z.object({
  accountId: z.string(),
  name: z.string(),
  venue: z.string(),
  book: bookSchema,
  /** Of orders by hand; a bot has its own. */
  leverage: z.number().int().positive(),
  marginMode: marginModeSchema,
  /** `ready`: the venue answered and what it said was reconciled. Entries need `ready`. */
  status: accountStatusSchema,
  /** Why it is not ready. */
  statusReason: causeSchema.nullable(),
  /** Entries are refused on the whole account until released; `by: admin`: by an administrator only. */
  latch: z.object({ reason: latchReasonSchema, since: wallMs, by: z.literal('admin').optional() }).nullable(),
  /** Activity at the venue that is not ours; entries freeze until it is adopted or ignored. */
  foreign: z.object({ found: foreignFoundSchema, since: wallMs }).nullable(),
  /** Wallet balance per coin: deposits + realised − fees + funding + transfers. Unrealised PnL is not in it. */
  balances: z.record(z.string(), decimalOut),
  /** Play money it was opened with, at a simulated venue; null: real money. */
  deposit: decimalOut.nullable(),
  /** Keys of an exchange that were set for it: the end of the api key (empty of a short one) and when. Absent: none. */
  keys: z.object({ tail: z.string(), setAt: wallMs }).optional(),
  version: z.number().int().positive(),
  createdAt: wallMs,
});
export type Account = z.infer<typeof accountSchema>;

/**
 * Limits of one account, or of all accounts of a book together. Null: that limit is off. Amounts in the settlement
 * coin, percentages as 1.5 = 1.5 %.
 */
export const limitValuesSchema = z.object({
  /** Realised − fees + funding since local midnight + change of unrealised; breach halts. */
  dailyLoss: decimalOut.nullable(),
  dailyLossPolicy: z.enum(['flatten', 'hold']),
  /** From the peak of transfer-adjusted equity, in percent. */
  drawdownPct: decimalOut.nullable(),
  drawdownPolicy: z.enum(['flatten', 'hold']),
  maxLeverage: z.number().int().positive().nullable(),
  maxPositions: z.number().int().nonnegative().nullable(),
  /** Of one order, price × size. */
  maxOrderNotional: decimalOut.nullable(),
  /** Of all that is open and working. */
  maxTotalNotional: decimalOut.nullable(),
  maxOrdersPerMinute: z.number().int().positive().nullable(),
  /** Largest distance of an order price from the mark, in percent. */
  priceBandPct: decimalOut.nullable(),
  /** A stop must lie this far, in percent of the mark, before the liquidation price. */
  liquidationMarginPct: decimalOut.nullable(),
  /** Entries of a bot wait this long after one of its stops fired, in milliseconds. */
  cooldownAfterStopMs: z.number().int().nonnegative().nullable(),
  /** So many stops that fired at a loss within `stopOutWindowMs` halt; positions stay under their stops. */
  maxStopOuts: z.number().int().positive().max(100).nullable().optional(),
  /** In milliseconds; not given: 24 hours. */
  stopOutWindowMs: z.number().int().positive().nullable().optional(),
});
export type LimitValues = z.infer<typeof limitValuesSchema>;

/** A limit that is broken, with its figures when it broke. It stands until its own end: a daily loss with its day. */
export const breachSchema = z.object({
  limit: z.enum(['daily_loss', 'drawdown', 'stop_outs']),
  /** In the settlement coin; of a drawdown in percent; of stop-outs how many. */
  actual: decimalOut,
  /** The same: what it may be at most; of stop-outs what it must stay below. */
  allowed: decimalOut,
  /** Of stop-outs: within how long they count, ms. */
  windowMs: z.number().int().positive().optional(),
  ts: marketMs,
  policy: z.enum(['flatten', 'hold']),
});
export type Breach = z.infer<typeof breachSchema>;

export const limitsSchema = z.object({
  /** Of limits over a book: `book:` and its name. */
  accountId: z.string(),
  /** Given: these hold for all accounts of that book together, in the settlement coin. */
  book: bookSchema.optional(),
  values: limitValuesSchema,
  /** Looser values asked for, in force from the next local midnight. */
  pending: limitValuesSchema.nullable(),
  /** IANA name: where midnight falls. */
  timeZone: z.string(),
  /** Another time zone asked for, in force from the next midnight of the present one. */
  pendingTimeZone: z.string().nullable().optional(),
  /** Stop-outs up to this market time were released and count no more. */
  stopOutsSince: marketMs.nullable().optional(),
  /**
   * Equity at the start of the current risk day, its marketTime, and the server's wall time at that moment. `dayOf`: the
   * marketTime whose local midnight ends the day; later than `ts` where another time zone came into force with it.
   */
  dayStart: z.object({ ts: marketMs, equity: decimalOut, wallTs: wallMs, dayOf: marketMs }).nullable(),
  /** Highest transfer-adjusted equity seen. */
  peakEquity: decimalOut.nullable(),
  /** At most one of each limit, in the order in which they broke. The harshest policy among them is enforced. */
  breaches: z.array(breachSchema),
  version: z.number().int().positive(),
});
export type Limits = z.infer<typeof limitsSchema>;

/** Conflated valuation of an account at the current marks. */
export const valuationSchema = z.object({
  accountId: z.string(),
  equity: decimalOut,
  unrealisedPnl: decimalOut,
  marginUsed: decimalOut,
  /** For new exposure. */
  available: decimalOut,
  positions: z.array(
    z.object({
      symbol: z.string(),
      mark: decimalOut,
      unrealisedPnl: decimalOut,
      botId: z.string().nullable(),
    }),
  ),
  ts: marketMs,
  /** Of the same moment. */
  wallTs: wallMs,
});
export type Valuation = z.infer<typeof valuationSchema>;
