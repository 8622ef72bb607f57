import { z } from 'zod';

/** `ready`: the venue answered and what it said was reconciled. Entries need `ready`. */
export const accountStatusSchema = z.enum(['connecting', 'ready', 'unreachable', 'removed']);

/** Why entries are refused on a whole account until somebody has looked and released it. */
export const latchReasonSchema = z.enum(['emergency', 'emergency_by_admin', 'panic', 'restored']);
export type LatchReason = z.infer<typeof latchReasonSchema>;
