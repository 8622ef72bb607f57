import { z } from 'zod';

/** Who caused a change. */
export const actorSchema = z.object({
  kind: z.enum(['user', 'engine', 'admin']),
  userId: z.string().nullable(),
  deviceId: z.string().nullable(),
});
export type Actor = z.infer<typeof actorSchema>;

export const ENGINE: Actor = { kind: 'engine', userId: null, deviceId: null };
