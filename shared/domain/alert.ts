import { z } from 'zod';
import { decimalOut, epochMs } from './schemas.ts';

export const alertSchema = z.object({
  /** Stable per cause, so that raising it again updates it. */
  alertId: z.string(),
  severity: z.enum(['info', 'warning', 'critical']),
  code: z.string(),
  message: z.string(),
  accountId: z.string().nullable(),
  botId: z.string().nullable(),
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

/** What an emergency stop found, did, and could not do. */
export const emergencySchema = z.object({
  emergencyId: z.string(),
  accountIds: z.array(z.string()),
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
    }),
  ),
  /** What closed, at the average price of its fills. */
  closed: z.array(
    z.object({ accountId: z.string(), symbol: z.string(), size: decimalOut, price: decimalOut }),
  ),
  /** Accounts whose venue confirmed that nothing is open. */
  confirmed: z.array(z.string()),
  ordersCancelled: z.number().int(),
  /** What is still open, and why. Empty with stage `done`: the venue confirmed that nothing is. */
  residual: z.array(
    z.object({ accountId: z.string(), symbol: z.string(), size: decimalOut, why: z.string() }),
  ),
});
export type Emergency = z.infer<typeof emergencySchema>;
