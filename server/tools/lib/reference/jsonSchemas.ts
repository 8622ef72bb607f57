import { z } from 'zod';
import { decimalIn, decimalOut, marketMs, wallMs } from '../../../../shared/domain/schemas.ts';
import { type FieldNotes, OF_ITSELF } from './fieldNotes.ts';
import { NAMED_TYPES } from './namedTypes.ts';

/** A JSON Schema (2020-12) as zod writes it, with references to named types. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  format?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  propertyNames?: JsonSchema;
  additionalProperties?: boolean | JsonSchema;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  default?: unknown;
  not?: JsonSchema;
}

/** Where named types are in a document. */
export type TypeRef = (name: string) => string;

type Definitions = Record<string, JsonSchema & { id?: string }>;

const names = z.registry<{ id: string }>();
names.add(decimalOut, { id: 'Decimal' });
names.add(decimalIn, { id: 'Decimal' });
names.add(wallMs, { id: 'WallTime' });
names.add(marketMs, { id: 'MarketTime' });
for (const { name, schema } of NAMED_TYPES) names.add(schema, { id: name });

/** Named lists of words, by what is in them: they are often written out once more. */
const ENUMS = new Map(
  NAMED_TYPES.flatMap(({ name, schema }) => {
    const { def } = schema._zod;
    return def.type === 'enum' ? [[wordsOf(Object.values((def as z.core.$ZodEnumDef).entries)), name]] : [];
  }),
);

function wordsOf(values: readonly unknown[]): string {
  return JSON.stringify(values);
}

/** Written by hand: what both sides say differs a little, and one name for it is enough. */
const SCALARS: Record<string, JsonSchema> = {
  Decimal: {
    type: 'string',
    format: 'decimal',
    maxLength: 64,
    pattern: '^-?[0-9]+(\\.[0-9]+)?$',
    description:
      'An exact number, such as `"0.25"`: digits, at most one point, a leading `-`; no exponent. What the server sends is canonical: no trailing zeros, no `-0`, so that equal values are equal strings. What you send may have at most 30 digits, 18 of them after the point.',
  },
  WallTime: {
    type: 'integer',
    minimum: 0,
    description:
      'Milliseconds since 1970-01-01T00:00Z by the server’s clock: what the server, its users and their devices do. [Clocks](clocks.md).',
  },
  MarketTime: {
    type: 'integer',
    minimum: 0,
    description:
      'Milliseconds since 1970-01-01T00:00Z by the venue’s clock: what happens in a market. May be far from wall time where the market is simulated. [Clocks](clocks.md).',
  },
};

/** Every named type by its name. `open`: objects may have further fields, as clients must allow. */
export function namedSchemas(ref: TypeRef, open: boolean): Record<string, JsonSchema> {
  const types = NAMED_TYPES.map(({ name, schema, notes }) => {
    const io = schema._zod.def.type === 'object' && isStrict(schema) ? 'input' : 'output';
    return [name, describe(write(schema, io, ref, open, name), notes)] as const;
  });
  return Object.fromEntries([...Object.entries(SCALARS), ...types].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The schema of what a client sends (`input`) or gets (`output`). `own`: its name, where it is to be written out. */
export function jsonSchemaOf(
  schema: z.ZodType,
  io: 'input' | 'output',
  options: { ref?: TypeRef; open?: boolean; notes?: FieldNotes; own?: string } = {},
): JsonSchema {
  const { ref = (name) => name, open = false, notes = new Map(), own } = options;
  return describe(write(schema, io, ref, open, own), notes);
}

/** What clients send is strict. */
function isStrict(schema: z.ZodType): boolean {
  const { catchall } = schema._zod.def as { catchall?: z.ZodType };
  return catchall?._zod.def.type === 'never';
}

/** `own`: the name of this schema, which is not to be a reference to itself. */
function write(
  schema: z.ZodType,
  io: 'input' | 'output',
  ref: TypeRef,
  open: boolean,
  own?: string,
): JsonSchema {
  const written = z.toJSONSchema(schema, { io, metadata: names, unrepresentable: 'any', reused: 'inline' });
  const { $schema, $defs, ...root } = written as JsonSchema & { $schema?: string; $defs?: Definitions };
  // A schema with a name is written as a reference to its own definition.
  const named = own === undefined ? undefined : $defs?.[own];
  return adapt(named ?? root, ref, io === 'output' && open, own);
}

/** Points references to where the types are, and drops what says nothing to a reader. */
function adapt(node: JsonSchema, ref: TypeRef, open: boolean, own?: string): JsonSchema {
  if (node.$ref !== undefined) return { $ref: ref(node.$ref.replace('#/$defs/', '')) };
  const named = node.enum === undefined ? undefined : ENUMS.get(wordsOf(node.enum));
  if (named !== undefined && named !== own)
    return { ...(node.default === undefined ? {} : { default: node.default }), $ref: ref(named) };
  const { id: _, ...result }: JsonSchema & { id?: string } = node;
  if (result.maximum === Number.MAX_SAFE_INTEGER) delete result.maximum;
  if (result.minimum === Number.MIN_SAFE_INTEGER) delete result.minimum;
  // Every JSON key is a string.
  delete result.propertyNames;
  if (open && result.additionalProperties === false) delete result.additionalProperties;
  const each = (child: JsonSchema): JsonSchema => adapt(child, ref, open);
  if (node.anyOf !== undefined) result.anyOf = node.anyOf.map(each);
  if (node.oneOf !== undefined) result.oneOf = node.oneOf.map(each);
  if (node.items !== undefined) result.items = each(node.items);
  if (node.properties !== undefined) {
    result.properties = Object.fromEntries(
      Object.entries(node.properties).map(([name, child]) => [name, each(child)]),
    );
  }
  if (typeof node.additionalProperties === 'object')
    result.additionalProperties = each(node.additionalProperties);
  return result;
}

/** Puts each note to its field, whatever lies between: lists, unions, records. */
function describe(schema: JsonSchema, notes: FieldNotes): JsonSchema {
  const visit = (node: JsonSchema, path: string): JsonSchema => {
    const result = { ...node };
    if (node.anyOf !== undefined) result.anyOf = node.anyOf.map((child) => visit(child, path));
    if (node.oneOf !== undefined) result.oneOf = node.oneOf.map((child) => visit(child, path));
    if (node.items !== undefined) result.items = visit(node.items, path);
    if (node.properties !== undefined) {
      result.properties = Object.fromEntries(
        Object.entries(node.properties).map(([name, child]) => {
          const below = path === '' ? name : `${path}.${name}`;
          const note = notes.get(below);
          const described = visit(child, below);
          return [name, note === undefined ? described : { ...described, description: note }];
        }),
      );
    }
    if (typeof node.additionalProperties === 'object')
      result.additionalProperties = visit(node.additionalProperties, path);
    return result;
  };
  const described = visit(schema, '');
  const own = notes.get(OF_ITSELF);
  return own === undefined ? described : { ...described, description: own };
}
