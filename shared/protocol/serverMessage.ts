import { z } from 'zod';
import { accountSchema, limitsSchema, valuationSchema } from '../domain/account.ts';
import { alertSchema, emergencySchema } from '../domain/alert.ts';
import { botSchema } from '../domain/bot.ts';
import { fillSchema, tradeSchema } from '../domain/fill.ts';
import { marketsNowSchema } from '../domain/instrument.ts';
import { candleSchema, quoteSchema } from '../domain/market.ts';
import { orderSchema } from '../domain/order.ts';
import { positionSchema as heldSchema } from '../domain/position.ts';
import { wallMs } from '../domain/schemas.ts';
import type { View } from '../view/view.ts';
import { deviceSchema } from './device.ts';
import { type WireError, wireErrorSchema } from './errors.ts';
import { type DeskFrame, deskFrameSchema } from './frames.ts';

const seq = z.number().int().nonnegative();
const positionSchema = z.object({ epoch: z.string(), seq });
export type Position = z.infer<typeof positionSchema>;

const viewSchema: z.ZodType<View> = z.object({
  accounts: z.record(z.string(), accountSchema),
  limits: z.record(z.string(), limitsSchema),
  bots: z.record(z.string(), botSchema),
  orders: z.record(z.string(), orderSchema),
  positions: z.record(z.string(), heldSchema),
  alerts: z.record(z.string(), alertSchema),
  fills: z.array(fillSchema),
  closedOrders: z.array(orderSchema),
  trades: z.array(tradeSchema),
  emergencies: z.array(emergencySchema),
});

/** The `desk` part of a subscribe reply. Never partial. */
export const deskJoinSchema = z.discriminatedUnion('recovered', [
  z.object({ at: positionSchema, recovered: z.literal(true), frames: z.array(deskFrameSchema) }),
  z.object({ at: positionSchema, recovered: z.literal(false), snapshot: viewSchema, hash: z.string() }),
]);
export type DeskJoin =
  | { at: Position; recovered: true; frames: DeskFrame[] }
  | { at: Position; recovered: false; snapshot: View; hash: string };

/** The outside of every reply; `result` is then what the op's own schema says. */
export const replySchema = z.discriminatedUnion('ok', [
  z.object({ id: z.string(), ok: z.literal(true), result: z.unknown() }),
  z.object({ id: z.string(), ok: z.literal(false), error: wireErrorSchema }),
]);
export type Reply = { id: string; ok: true; result: unknown } | { id: string; ok: false; error: WireError };

const headSchema = z.object({ ch: z.literal('desk'), kind: z.literal('head'), epoch: z.string(), seq });
export type HeadFrame = z.infer<typeof headSchema>;

/** A line of a bot's log. */
const botLogLineSchema = z.object({ ts: wallMs, botId: z.string(), code: z.string(), text: z.string() });
export type BotLogLine = z.infer<typeof botLogLineSchema>;

/** Why nothing can be stored: nobody answers, nobody answers in time, or writes are refused (disk full, read-only). */
const degradationReasonSchema = z.enum(['store_unreachable', 'store_silent', 'store_refuses_writes']);
export type DegradationReason = z.infer<typeof degradationReasonSchema>;

/** The server runs but can store nothing: entries wait, resting stops stay, views may be stale. */
const degradationSchema = z.object({ since: wallMs, reason: degradationReasonSchema });
export type Degradation = z.infer<typeof degradationSchema>;

/**
 * A fault of the server keeps one desk from being served; the others are.
 * - `desk_stuck`: its decisions fail; it is recovered at least every half minute, and takes exits meanwhile
 * - `desk_halted`: its decisions cannot be stored; it takes nothing until the server is mended, stops at the venue stay
 */
const deskTroubleSchema = z.object({ since: wallMs, reason: z.enum(['desk_stuck', 'desk_halted']) });
export type DeskTrouble = z.infer<typeof deskTroubleSchema>;

/** `ts`: when it was made. */
function push<C extends z.ZodType, K extends string, D extends z.ZodType>(ch: C, kind: K, data: D) {
  return z.object({ ch, kind: z.literal(kind), ts: wallMs, data });
}
const session = z.literal('session');
const candles = z.templateLiteral(['candles:', z.string()]);
const log = z.templateLiteral(['log:', z.string()]);

/** What is pushed beside the frames of a desk. */
export const pushSchemas = [
  push(z.literal('pnl'), 'pnl', z.array(valuationSchema)),
  push(z.templateLiteral(['ticker:', z.string()]), 'ticker', quoteSchema),
  push(z.templateLiteral(['markets:', z.string()]), 'markets', marketsNowSchema),
  push(candles, 'history', z.array(candleSchema)),
  push(candles, 'candle', candleSchema.extend({ closed: z.boolean() })),
  push(log, 'history', z.array(botLogLineSchema)),
  push(log, 'line', botLogLineSchema),
  push(z.literal('devices'), 'devices', z.array(deviceSchema)),
  push(session, 'session.expiring', z.object({ expiresAt: wallMs })),
  push(session, 'server.restarting', z.object({ reconnectAfterMs: z.number() })),
  /** Not part of any desk's sequence, since nothing can be committed; told anew to sockets that open meanwhile. */
  push(session, 'server.degraded', degradationSchema),
  push(session, 'server.recovered', z.object({ awayMs: z.number() })),
  /** To every socket of the desk's owner; told anew to those that authenticate meanwhile. */
  push(session, 'desk.trouble', deskTroubleSchema),
  push(session, 'desk.recovered', z.object({})),
] as const;

/** Whatever is said unasked. */
export const pushSchema = z.union([headSchema, deskFrameSchema, ...pushSchemas]);
export type Push = DeskFrame | HeadFrame | z.infer<(typeof pushSchemas)[number]>;

export type ServerMessage = Reply | Push;
