import { z } from 'zod';
import { accountStatusSchema } from './accountStatus.ts';
import { toldBreachSchema } from './breach.ts';
import { causeKinds, causeSchema } from './cause.ts';
import { denialSchema } from './denial.ts';
import { plainKinds, TOLD_BEFORE, type Told, toldSchema } from './figures.ts';

export const botReasonKinds = {
  ...plainKinds,
  accountStatus: accountStatusSchema,
  refusal: causeKinds.refusal,
  breach: toldBreachSchema,
  cause: causeSchema,
  denials: z.array(denialSchema),
  /** What the venue does by rules of its own. */
  force: z.enum(['liquidation', 'adl', 'settlement']),
} as const;

/** Why a bot is in its state, or what it waits for. */
export const BOT_REASONS = {
  /** Starting. */
  awaits_account: { account: 'name', status: 'accountStatus' },
  sets_settings: {},
  loads_history: { bars: 'count' },
  awaits_history: {},
  /** Stopping. */
  cancels_orders: {},
  closes_position: {},
  asks_venue: {},
  close_refused: { cause: 'cause' },
  worked_after_stop: {},
  /** In error. */
  denied: { denials: 'denials' },
  strategy_unknown: {},
  settings_refused: { as: 'refusal' },
  no_history: {},
  /** Halted. */
  limit_broken: { breach: 'breach' },
  emergency: {},
  panic: {},
  forced: { by: 'force' },
  delisting: { symbol: 'symbol' },
  delisted: { symbol: 'symbol' },
  market_ended: { symbol: 'symbol' },
  /** Paused or holding. */
  closed_by_hand: {},
  server_away: { for: 'duration' },
  unprotected: { symbol: 'symbol', cause: 'cause' },
  ...TOLD_BEFORE,
} as const;
export const botReasonSchema = toldSchema(botReasonKinds, BOT_REASONS);
export type BotReason = Told<typeof botReasonKinds, typeof BOT_REASONS>;
