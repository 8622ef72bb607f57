import { z } from 'zod';
import { wallMs } from '../domain/schemas.ts';
import type { OpArgsInput, OpName } from './ops.ts';

/** The outside of every frame from a client; `args` is then checked by the op's own schema. Strict. */
export const requestEnvelopeSchema = z.strictObject({
  /** The caller's, echoed once in the reply. */
  id: z.string().min(1).max(64),
  op: z.string().min(1).max(64),
  args: z.record(z.string(), z.unknown()).default({}),
  /** Required for commands: the same id again gets the first result and has no second effect. */
  commandId: z.string().min(8).max(64).optional(),
  /** Guards a bot's configuration and wanted state, or an account's or limit's version. */
  expectedVersion: z.number().int().positive().optional(),
  /** Server time after which the command must not run. Required for ops that can add exposure. */
  validUntil: wallMs.optional(),
});
export type RequestEnvelope = z.infer<typeof requestEnvelopeSchema>;

export type ClientMessage = {
  [O in OpName]: {
    id: string;
    op: O;
    args: OpArgsInput<O>;
    commandId?: string;
    expectedVersion?: number;
    validUntil?: number;
  };
}[OpName];
