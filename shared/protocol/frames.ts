import { z } from 'zod';
import { accountSchema, limitsSchema } from '../domain/account.ts';
import { actorSchema } from '../domain/actor.ts';
import { alertSchema, emergencySchema } from '../domain/alert.ts';
import { botSchema } from '../domain/bot.ts';
import { causeSchema } from '../domain/cause.ts';
import { fillSchema, tradeSchema } from '../domain/fill.ts';
import { orderSchema } from '../domain/order.ts';
import { positionSchema } from '../domain/position.ts';
import { decimalOut, marketMs, wallMs } from '../domain/schemas.ts';

const order = z.object({ order: orderSchema });
const bot = z.object({ bot: botSchema });
const account = z.object({ account: accountSchema });
const limits = z.object({ limits: limitsSchema });
const position = z.object({ position: positionSchema });
const alert = z.object({ alert: alertSchema });
const emergency = z.object({ emergency: emergencySchema });

/** What each kind of frame on `desk` carries: the changed entity in full. */
export const frameData = {
  /** A stored event with nothing to show; keeps `seq` dense. */
  Internal: z.object({}),
  /** A bot is there, stopped. */
  BotCreated: bot,
  /** Its configuration, or something else of it that is no state, has changed. */
  BotUpdated: bot,
  /** `deletedBy`: absent for bots deleted under older servers. */
  BotDeleted: z.object({ botId: z.string(), deletedBy: botSchema.shape.changedBy.optional() }),
  /** Its `state`, `closing` or `reason` has changed. */
  BotStateChanged: bot,
  /** It said why it wants something, or nothing. */
  BotNote: bot,
  /** An order is written down; it leaves for the venue now. */
  OrderSubmitted: order,
  /** The venue has it: it works. */
  OrderAccepted: order,
  /** It filled in part or whole, was changed, or is to be cancelled. */
  OrderUpdated: order,
  /** It is over, by a cancel or by the venue, with what had filled by then. */
  OrderCancelled: order,
  /** The venue refused it (`rejected`; `reason` says as what), or it never arrived there (`abandoned`). */
  OrderRejected: order,
  /** The venue’s answer was lost. It is looked for, and never sent again. */
  OrderUnknown: order,
  /** The venue traded. The position and the balance follow as frames of their own. */
  FillRecorded: z.object({ fill: fillSchema }),
  /** With `trade` when the position went flat, and again, under the same id, when something of that trade came late. */
  PositionChanged: z.object({ position: positionSchema, trade: tradeSchema.nullable() }),
  /** The venue shows the stop resting. */
  StopPlaced: position,
  /** The venue shows another stop resting in the place of the former one. */
  StopReplaced: position,
  /** The venue says the resting stop fired; its fills follow or preceded. */
  StopTriggered: position,
  /** No stop can be had; the position is being closed. */
  StopFailed: z.object({ position: positionSchema, reason: causeSchema }),
  /** A position was without a stop for longer than allowed. `ms` so far. */
  Unprotected: z.object({ position: positionSchema, ms: z.number().int() }),
  /** An account was opened, changed, removed, latched, or is (un)reachable. */
  AccountChanged: account,
  /** Its balances have changed. */
  BalanceChanged: account,
  /** Funding was paid or received; `BalanceChanged` comes with it. */
  FundingPaid: z.object({
    billId: z.string(),
    accountId: z.string(),
    symbol: z.string(),
    /** Positive: received. */
    amount: decimalOut,
    ts: marketMs,
  }),
  /** Limits were set, or a new day, peak or end of a breach changed them. */
  LimitChanged: limits,
  /** A limit is broken; `breaches` says which. */
  LimitBreached: limits,
  /** An emergency stop has come further. */
  EmergencyStage: emergency,
  /** It is over: the receipt. */
  EmergencyReceipt: emergency,
  /** Entries are allowed again. */
  LatchReleased: account,
  /** Something that is not ours was found at the venue; entries are frozen. */
  ForeignActivity: account,
  /** It was adopted, ignored or is gone. */
  ForeignResolved: account,
  /** An alert stands, or says something new. */
  AlertRaised: alert,
  /** It is over or was dismissed. */
  AlertResolved: z.object({ alertId: z.string() }),
} as const;

export type FrameKind = keyof typeof frameData;
export const FRAME_KINDS = Object.keys(frameData) as FrameKind[];

/** One ordered frame of a desk. */
export type DeskFrame = {
  [K in FrameKind]: {
    ch: 'desk';
    epoch: string;
    seq: number;
    kind: K;
    ts: number;
    by: z.infer<typeof actorSchema>;
    cause: string;
    data: z.infer<(typeof frameData)[K]>;
  };
}[FrameKind];

const frameOf = (kind: FrameKind) =>
  z.object({
    ch: z.literal('desk'),
    /** Names the log; the same as long as it was not restored from a backup. */
    epoch: z.string(),
    /** Of the desk, without a gap. */
    seq: z.number().int().nonnegative(),
    kind: z.literal(kind),
    /** Of the commit's batch. */
    ts: wallMs,
    /** Who caused it. */
    by: actorSchema,
    /** What it follows from: `command:<id>`, `bar:<openTime>`, `fill:<id>`, `recovery`, `timer`, … */
    cause: z.string(),
    data: frameData[kind],
  });

/** Each kind of frame, whole. */
export const frameSchemas = Object.fromEntries(FRAME_KINDS.map((kind) => [kind, frameOf(kind)])) as Record<
  FrameKind,
  ReturnType<typeof frameOf>
>;

const [firstKind, ...otherKinds] = Object.values(frameSchemas);
if (firstKind === undefined) throw new Error('there are no frames');
/** One ordered frame of a desk. */
export const deskFrameSchema = z.discriminatedUnion('kind', [
  firstKind,
  ...otherKinds,
  // Each member is made of the table that the type is made of.
]) as unknown as z.ZodType<DeskFrame>;

/** Times of one fill on its way to one device, all on the server's clock, ms. */
export const deliverySchema = z.object({
  seq: z.number().int(),
  venueTs: marketMs,
  ingestedAt: wallMs,
  committedAt: wallMs,
  sentAt: wallMs,
  ackedAt: wallMs.nullable(),
});
export type Delivery = z.infer<typeof deliverySchema>;
