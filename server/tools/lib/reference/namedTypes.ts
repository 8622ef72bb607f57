import type { z } from 'zod';
import * as account from '../../../../shared/domain/account.ts';
import * as accountStatus from '../../../../shared/domain/accountStatus.ts';
import * as actor from '../../../../shared/domain/actor.ts';
import * as alert from '../../../../shared/domain/alert.ts';
import * as bot from '../../../../shared/domain/bot.ts';
import * as botNote from '../../../../shared/domain/botNote.ts';
import * as botReason from '../../../../shared/domain/botReason.ts';
import * as botState from '../../../../shared/domain/botState.ts';
import * as breach from '../../../../shared/domain/breach.ts';
import * as cause from '../../../../shared/domain/cause.ts';
import * as denial from '../../../../shared/domain/denial.ts';
import * as errorDetails from '../../../../shared/domain/errorDetails.ts';
import * as fill from '../../../../shared/domain/fill.ts';
import * as foreignFound from '../../../../shared/domain/foreignFound.ts';
import * as instrument from '../../../../shared/domain/instrument.ts';
import * as market from '../../../../shared/domain/market.ts';
import * as order from '../../../../shared/domain/order.ts';
import * as position from '../../../../shared/domain/position.ts';
import * as auth from '../../../../shared/protocol/auth.ts';
import * as device from '../../../../shared/protocol/device.ts';
import * as errors from '../../../../shared/protocol/errors.ts';
import * as frames from '../../../../shared/protocol/frames.ts';
import * as define from '../../../../shared/protocol/ops/define.ts';
import * as session from '../../../../shared/protocol/ops/session.ts';
import * as trading from '../../../../shared/protocol/ops/trading.ts';
import * as pushes from '../../../../shared/protocol/pushes.ts';
import * as view from '../../../../shared/view/viewSchema.ts';
import { type FieldNotes, OF_ITSELF, readFieldNotes } from './fieldNotes.ts';

/** A type that the reference writes out once and refers to everywhere else. */
export interface NamedType {
  name: string;
  schema: z.ZodType;
  notes: FieldNotes;
}

/** Schemas of modules that get a name: every exported `<name>Schema` of them. */
const MODULES: Record<string, object> = {
  'shared/domain/account.ts': account,
  'shared/domain/actor.ts': actor,
  'shared/domain/alert.ts': alert,
  'shared/domain/bot.ts': bot,
  'shared/domain/accountStatus.ts': accountStatus,
  'shared/domain/botNote.ts': botNote,
  'shared/domain/botReason.ts': botReason,
  'shared/domain/botState.ts': botState,
  'shared/domain/breach.ts': breach,
  'shared/domain/cause.ts': cause,
  'shared/domain/foreignFound.ts': foreignFound,
  'shared/domain/denial.ts': denial,
  'shared/domain/errorDetails.ts': errorDetails,
  'shared/domain/fill.ts': fill,
  'shared/domain/instrument.ts': instrument,
  'shared/domain/market.ts': market,
  'shared/domain/order.ts': order,
  'shared/domain/position.ts': position,
  'shared/protocol/auth.ts': auth,
  'shared/protocol/device.ts': device,
  'shared/protocol/errors.ts': errors,
  'shared/protocol/frames.ts': frames,
  'shared/protocol/ops/trading.ts': trading,
  'shared/protocol/pushes.ts': pushes,
  'shared/view/viewSchema.ts': view,
};

const NO_NOTES: FieldNotes = new Map();

/** `orderSchema` → `Order`. */
function typeName(exported: string): string {
  const name = exported.replace(/Schema$/, '');
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function isSchema(value: unknown): value is z.ZodType {
  return typeof value === 'object' && value !== null && '_zod' in value;
}

export const frameTypeName = (kind: frames.FrameKind): string => `${kind}Frame`;

/** What the comments of the frame table say of one kind. */
function frameNotes(kind: frames.FrameKind): FieldNotes {
  const notes = [...(readFieldNotes('shared/protocol/frames.ts').get('frameData') ?? NO_NOTES)];
  const own = notes.flatMap(([path, note]): [string, string][] => {
    if (path === kind) return [[OF_ITSELF, note]];
    return path.startsWith(`${kind}.`) ? [[`data${path.slice(kind.length)}`, note]] : [];
  });
  return new Map(own);
}

/** Every named type, by name in alphabetical order. */
export const NAMED_TYPES: readonly NamedType[] = [
  {
    name: 'Accepted',
    schema: define.accepted,
    notes: readFieldNotes('shared/protocol/ops/define.ts').get('accepted') ?? NO_NOTES,
  },
  {
    name: 'Channel',
    schema: session.channelSchema,
    notes: readFieldNotes('shared/protocol/ops/session.ts').get('channelSchema') ?? NO_NOTES,
  },
  ...frames.FRAME_KINDS.map((kind) => ({
    name: frameTypeName(kind),
    schema: frames.frameSchemas[kind],
    notes: frameNotes(kind),
  })),
  ...Object.entries(MODULES).flatMap(([path, module]) => {
    const notes = readFieldNotes(path);
    return Object.entries(module).flatMap(([exported, schema]) =>
      exported.endsWith('Schema') && isSchema(schema)
        ? [{ name: typeName(exported), schema, notes: notes.get(exported) ?? NO_NOTES }]
        : [],
    );
  }),
].sort((a, b) => (a.name < b.name ? -1 : 1));
