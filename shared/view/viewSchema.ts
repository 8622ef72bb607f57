import { z } from 'zod';
import { accountSchema, limitsSchema } from '../domain/account.ts';
import { alertSchema, emergencySchema } from '../domain/alert.ts';
import { botSchema } from '../domain/bot.ts';
import { fillSchema, tradeSchema } from '../domain/fill.ts';
import { orderSchema } from '../domain/order.ts';
import { positionSchema } from '../domain/position.ts';
import { VIEW_LIMITS, type View } from './view.ts';

/** A desk, folded from its frames. Every key is there from the start; lists have the newest last. */
export const viewSchema = z.object({
  /** By `accountId`; a removed account is not in it. */
  accounts: z.record(z.string(), accountSchema),
  /** By the `accountId` of the limits, which is `book:<book>` for those of a book. */
  limits: z.record(z.string(), limitsSchema),
  /** By `botId`. */
  bots: z.record(z.string(), botSchema),
  /** Working orders, by `orderId`. */
  orders: z.record(z.string(), orderSchema),
  /** Open positions, by `<accountId>:<symbol>`. */
  positions: z.record(z.string(), positionSchema),
  /** By `alertId`. */
  alerts: z.record(z.string(), alertSchema),
  /** In the order in which they were folded, which is the order of `seq`. */
  fills: z.array(fillSchema).max(VIEW_LIMITS.fills),
  /** In the order in which they ended. */
  closedOrders: z.array(orderSchema).max(VIEW_LIMITS.closedOrders),
  /** In the order in which they ended. */
  trades: z.array(tradeSchema).max(VIEW_LIMITS.trades),
  /** In the order in which they began. */
  emergencies: z.array(emergencySchema).max(VIEW_LIMITS.emergencies),
}) satisfies z.ZodType<View>;
