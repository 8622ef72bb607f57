import { z } from 'zod';

/**
 * - `stopped`: nothing of it is open at the venue; it can be changed, started, deleted
 * - `starting`: waits for its account, its settings at the venue, its bars
 * - `running`: enters and exits
 * - `paused`: exits only
 * - `stopping`: cancels and closes, until the venue has confirmed that nothing is left
 * - `holding`: keeps its position under its stop and does nothing else
 * - `halted`: stopped by a limit, a liquidation, an emergency stop; `reason` says which
 * - `error`: cannot go on; `reason` says why
 */
export const botStateSchema = z.enum([
  'stopped',
  'starting',
  'running',
  'paused',
  'stopping',
  'holding',
  'halted',
  'error',
]);
export type BotState = z.infer<typeof botStateSchema>;
