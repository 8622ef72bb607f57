import { z } from 'zod';
import { accepted, id, op } from './define.ts';
import { emergencyPreviewSchema } from './trading.ts';

/** Exactly one of the two. */
const whom = { userId: id.optional(), all: z.literal(true).optional() };
const oneOfBoth = ({ userId, all }: { userId?: string | undefined; all?: true | undefined }): boolean =>
  (userId === undefined) !== (all === undefined);
const ONE_OF_BOTH = { message: 'name a userId, or all: true', path: ['userId'] };

/** For administrators; anybody else is `forbidden`. Each acts through the desk's own engine and is in its log. */
export const adminOps = {
  'admin.emergencyStop': op(
    'exit',
    'Emergency stop of one user, or of all. Only an administrator releases it. `preview` only lists, and needs no `commandId`.',
    z.strictObject({ ...whom, preview: z.boolean().default(false) }).refine(oneOfBoth, ONE_OF_BOTH),
    z.union([
      accepted.extend({
        users: z.array(
          z.object({ userId: z.string(), emergencyId: z.string().nullable(), error: z.string().nullable() }),
        ),
      }),
      z.object({
        status: z.literal('preview'),
        users: z.array(emergencyPreviewSchema.omit({ status: true }).extend({ userId: z.string() })),
        /** Users with something open beyond those listed. */
        more: z.number().int(),
      }),
    ]),
  ),
  'admin.emergencyRelease': op(
    'command',
    'Release what an administrator latched, of one user or of all; what users latched themselves stays theirs.',
    z.strictObject(whom).refine(oneOfBoth, ONE_OF_BOTH),
    accepted.extend({
      users: z.array(z.object({ userId: z.string(), released: z.boolean(), error: z.string().nullable() })),
    }),
  ),
} as const;
