import { z } from 'zod';
import { datedNoteSchema } from './botNote.ts';
import { botReasonSchema } from './botReason.ts';
import { botStateSchema } from './botState.ts';
import { intervalSchema } from './market.ts';
import { decimalOut, marketMs, wallMs } from './schemas.ts';

/** Values a strategy parameter may have. Percentages are of the entry price, as plain numbers: 1.5 = 1.5 %. */
export const strategyParamsSchema = z.record(z.string(), z.union([z.number(), z.boolean(), z.string()]));
export type StrategyParams = z.infer<typeof strategyParamsSchema>;

export const botSchema = z.object({
  botId: z.string(),
  name: z.string(),
  accountId: z.string(),
  venue: z.string(),
  symbol: z.string(),
  interval: intervalSchema,
  strategy: z.string(),
  params: strategyParamsSchema,
  /** Share of the account's equity it may use, in percent. */
  allocationPct: decimalOut,
  leverage: z.number().int().positive(),
  marginMode: z.enum(['isolated', 'cross']),
  onRestart: z.enum(['hold', 'resume']),
  state: botStateSchema,
  /** The engine is bringing it to flat: set while stopping, and while halted by a policy that flattens. */
  closing: z.boolean(),
  /** Why it is halted or in error, or what it waits for while starting or stopping. */
  reason: botReasonSchema.nullable(),
  /** Bumped by changes of configuration or wanted state; fills do not bump it. Guards `expectedVersion`. */
  version: z.number().int().positive(),
  /** Who made the last versioned change, and how: the loser of a race is told. */
  changedBy: z.object({ deviceId: z.string().nullable(), action: z.string(), at: wallMs }),
  /** The latest reason it gave for wanting nothing, or for what it wants. */
  note: datedNoteSchema.nullable(),
  /** Open time of the last bar it acted on; null: none yet. */
  lastBarTime: marketMs.nullable(),
  /** How its current or next position is protected, decided with the entry; percentages of the entry price. */
  plan: z
    .object({
      stopLossPct: decimalOut,
      takeProfits: z.array(z.object({ slot: z.string(), atPct: decimalOut, share: decimalOut })),
      trailing: z.object({ activatePct: decimalOut, distancePct: decimalOut }).nullable(),
      breakEvenAtPct: decimalOut.nullable(),
      maxHoldMs: z.number().int().positive().nullable(),
    })
    .nullable(),
  /** Entries of any bot on its account and symbol wait until this market time, since a stop of it fired; null: none did. */
  cooldownUntil: marketMs.nullable(),
  stats: z.object({
    trades: z.number().int(),
    wins: z.number().int(),
    realisedPnl: decimalOut,
    fees: decimalOut,
    funding: decimalOut,
  }),
  createdAt: wallMs,
  startedAt: wallMs.nullable(),
});
export type Bot = z.infer<typeof botSchema>;
