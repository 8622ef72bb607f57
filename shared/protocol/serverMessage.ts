import { z } from 'zod';
import { type WireError, wireErrorSchema } from './errors.ts';
import { type DeskFrame, deskFrameSchema } from './frames.ts';
import {
  type degradationSchema,
  type deskJoinSchema,
  type deskPositionSchema,
  type deskTroubleSchema,
  PUSH_NAMES,
  type PushName,
  pushes,
} from './pushes.ts';

export type LogPosition = z.infer<typeof deskPositionSchema>;

/** The `desk` part of a subscribe reply. Never partial. */
export type DeskJoin = z.infer<typeof deskJoinSchema>;

/** The outside of every reply; `result` is then what the op's own schema says. */
export const replySchema = z.discriminatedUnion('ok', [
  z.object({ id: z.string(), ok: z.literal(true), result: z.unknown() }),
  z.object({ id: z.string(), ok: z.literal(false), error: wireErrorSchema }),
]);
export type Reply = { id: string; ok: true; result: unknown } | { id: string; ok: false; error: WireError };

export type HeadFrame = z.infer<(typeof pushes)['desk/head']['message']>;

export type Degradation = z.infer<typeof degradationSchema>;
/** Why nothing can be stored. */
export type DegradationReason = Degradation['reason'];
export type DeskTrouble = z.infer<typeof deskTroubleSchema>;

/** Whatever is said unasked. */
export const pushSchema = z.union([deskFrameSchema, ...PUSH_NAMES.map((name) => pushes[name].message)]);
export type Push = DeskFrame | { [P in PushName]: z.infer<(typeof pushes)[P]['message']> }[PushName];

export type ServerMessage = Reply | Push;
