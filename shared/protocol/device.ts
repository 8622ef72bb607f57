import { z } from 'zod';
import { nameSchema } from '../domain/name.ts';
import { wallMs } from '../domain/schemas.ts';
import { deliverySchema } from './frames.ts';

export const deviceInputSchema = z.strictObject({
  id: z.string().min(1).max(64),
  name: nameSchema(60),
  kind: z.enum(['desktop', 'phone', 'tablet', 'program', 'other']),
});
export type DeviceInput = z.infer<typeof deviceInputSchema>;

/** A device of the user, and how far its sockets have acknowledged. */
export const deviceSchema = z.object({
  deviceId: z.string(),
  name: z.string(),
  kind: deviceInputSchema.shape.kind,
  connected: z.boolean(),
  sockets: z.number().int(),
  /** Highest seq acknowledged by its furthest-behind socket; null: nothing yet. */
  ackedSeq: z.number().int().nullable(),
  /** Server-measured time from send to acknowledgement of the last fill or head, ms. */
  lagMs: z.number().nullable(),
  stale: z.boolean(),
  lastSeenAt: wallMs,
  createdAt: wallMs,
  /** The last fill it acknowledged, with the time at each station; null: none since it connected here. */
  lastDelivery: deliverySchema.nullable().optional(),
});
export type Device = z.infer<typeof deviceSchema>;
