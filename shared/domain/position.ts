import { z } from 'zod';
import { decimalOut, marketMs, wallMs } from './schemas.ts';

export const directionSchema = z.enum(['long', 'short']);
export type Direction = z.infer<typeof directionSchema>;

/**
 * - `none`: nothing protects it
 * - `attached`: travels with the entry, not read back yet
 * - `placing`, `replacing`: on its way
 * - `resting`: confirmed at the venue
 * - `triggered`: fired, or gone without a word; its fills, or a read of the account, tell
 * - `failed`: refused; the position is being closed
 */
export const stopStateSchema = z.enum([
  'none',
  'attached',
  'placing',
  'resting',
  'replacing',
  'triggered',
  'failed',
]);
export type StopState = z.infer<typeof stopStateSchema>;

/** A target that the venue would not take yet: it is placed once the mark has come to `restsFrom`. */
const waitingTargetSchema = z.object({
  /** One of `takeProfits`; `take_profit`: the one by hand. */
  slot: z.string(),
  price: decimalOut,
  restsFrom: decimalOut,
});
export type WaitingTarget = z.infer<typeof waitingTargetSchema>;

/** An exit at the market that was decided; `share` of the size opened. */
const decidedExitSchema = z.object({ slot: z.string(), share: decimalOut });
export type DecidedExit = z.infer<typeof decidedExitSchema>;

export const positionSchema = z.object({
  accountId: z.string(),
  symbol: z.string(),
  /** Whose exposure it is; null: by hand or foreign. */
  botId: z.string().nullable(),
  direction: directionSchema,
  /** In the base coin; '0' = flat. */
  size: decimalOut,
  /** What the open size cost: Σ price × size of what opened it, less what closes released. */
  cost: decimalOut,
  /** Largest size since it was opened, and what it cost and returned: the figures of the trade it becomes. */
  openedSize: decimalOut,
  openedCost: decimalOut,
  closedSize: decimalOut,
  closedValue: decimalOut,
  /** Since it was opened; before fees. */
  realisedPnl: decimalOut,
  fees: decimalOut,
  funding: decimalOut,
  leverage: z.number().int().positive(),
  marginMode: z.enum(['isolated', 'cross']),
  liquidationPrice: decimalOut.nullable(),
  openedAt: marketMs,
  /** The stop we want, and where it stands. */
  stop: z
    .object({
      state: stopStateSchema,
      orderId: z.string().nullable(),
      triggerPrice: decimalOut,
      size: decimalOut,
    })
    .nullable(),
  /** How the exits follow the price: percentages of the entry price. */
  protection: z.object({
    stopLossPct: decimalOut.nullable(),
    trailing: z.object({ activatePct: decimalOut, distancePct: decimalOut }).nullable(),
    breakEvenAtPct: decimalOut.nullable(),
    breakEvenDone: z.boolean(),
    /** Reduce-only limit orders resting at the venue; shares of the size opened, the last takes the rest. */
    takeProfits: z.array(z.object({ slot: z.string(), atPct: decimalOut, share: decimalOut })),
    /** Targets outside the venue's price band, which wait for the mark. */
    waits: z.array(waitingTargetSchema),
    /** Exits that are not done yet: asked for until their share is taken, or nothing is left. */
    exits: z.array(decidedExitSchema),
    /** Slots of partial exits already taken, take-profits included. */
    partialsTaken: z.array(z.string()),
    /** What each partial exit took so far, by slot: one that filled in parts takes its share once. */
    takenSizes: z.record(z.string(), decimalOut).optional(),
    /** By hand: the whole position is to be closed by a resting limit order at this price. */
    takeProfitPrice: decimalOut.optional(),
    /** Closed at the market from `at` on, until nothing is left: by hand, or as its longest hold has passed; null: never. */
    close: z.object({ why: z.enum(['manual', 'time']), at: marketMs }).nullable(),
  }),
  /** Found at the venue and not adopted: nothing manages it, and nobody enters there. Absent: false. */
  foreign: z.boolean().optional(),
  /** Market time since when no stop is known to rest; null: protected (or flat, or by hand without a stop). */
  unprotectedSince: marketMs.nullable(),
  /**
   * Market ms, besides those since `unprotectedSince`, in which it wanted a stop and none was known to rest: never less
   * than the venue's own journal says.
   */
  unprotectedMs: z.number().int().nonnegative(),
  updatedAt: wallMs,
});
export type Position = z.infer<typeof positionSchema>;
