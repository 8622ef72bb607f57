import { z } from 'zod';
import { accountSchema, limitsSchema } from '../domain/account.ts';
import { actorSchema } from '../domain/actor.ts';
import { alertSchema, emergencySchema } from '../domain/alert.ts';
import { botSchema } from '../domain/bot.ts';
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
  BotCreated: bot,
  BotUpdated: bot,
  /** `deletedBy`: absent for bots deleted under older servers. */
  BotDeleted: z.object({ botId: z.string(), deletedBy: botSchema.shape.changedBy.optional() }),
  BotStateChanged: bot,
  BotNote: bot,
  OrderSubmitted: order,
  OrderAccepted: order,
  OrderUpdated: order,
  OrderCancelled: order,
  OrderRejected: order,
  OrderUnknown: order,
  FillRecorded: z.object({ fill: fillSchema }),
  /** With `trade` when the position went flat. */
  PositionChanged: z.object({ position: positionSchema, trade: tradeSchema.nullable() }),
  StopPlaced: position,
  StopReplaced: position,
  /** The venue says the resting stop fired; its fills follow or preceded. */
  StopTriggered: position,
  StopFailed: z.object({ position: positionSchema, reason: z.string() }),
  /** A position was without a stop for longer than allowed. `ms` so far. */
  Unprotected: z.object({ position: positionSchema, ms: z.number().int() }),
  AccountChanged: account,
  BalanceChanged: account,
  FundingPaid: z.object({
    billId: z.string(),
    accountId: z.string(),
    symbol: z.string(),
    /** Positive: received. */
    amount: decimalOut,
    ts: marketMs,
  }),
  LimitChanged: limits,
  LimitBreached: limits,
  EmergencyStage: emergency,
  EmergencyReceipt: emergency,
  LatchReleased: account,
  ForeignActivity: account,
  ForeignResolved: account,
  AlertRaised: alert,
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
    epoch: z.string(),
    /** Of the desk, without a gap. */
    seq: z.number().int().nonnegative(),
    kind: z.literal(kind),
    /** Of the commit's batch. */
    ts: wallMs,
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
/** Each member is made of the table that the type is made of. */
export const deskFrameSchema = z.discriminatedUnion('kind', [
  firstKind,
  ...otherKinds,
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
