import { z } from 'zod';
import { accountSchema, limitsSchema } from '../domain/account.ts';
import type { Actor } from '../domain/actor.ts';
import { alertSchema, emergencySchema } from '../domain/alert.ts';
import { botSchema } from '../domain/bot.ts';
import { fillSchema, tradeSchema } from '../domain/fill.ts';
import { orderSchema } from '../domain/order.ts';
import { positionSchema } from '../domain/position.ts';
import { decimalOut, epochMs } from '../domain/schemas.ts';

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
    ts: epochMs,
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
    /** Wall time of the commit's batch. */
    ts: number;
    by: Actor;
    /** What it follows from: `command:<id>`, `bar:<openTime>`, `fill:<id>`, `recovery`, `timer`, … */
    cause: string;
    data: z.infer<(typeof frameData)[K]>;
  };
}[FrameKind];

/** Times of one fill on its way to one device, all on the server's clock, ms. */
export const deliverySchema = z.object({
  seq: z.number().int(),
  venueTs: epochMs,
  ingestedAt: epochMs,
  committedAt: epochMs,
  sentAt: epochMs,
  ackedAt: epochMs.nullable(),
});
export type Delivery = z.infer<typeof deliverySchema>;
