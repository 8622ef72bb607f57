import { z } from 'zod';

/** The parts of JSON Schema that zod writes for our schemas. */
const nodeSchema = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  format: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  items: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.unknown().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  pattern: z.string().optional(),
  default: z.unknown().optional(),
});
type Node = z.infer<typeof nodeSchema>;

/** Larger than any limit of ours: where zod says "any safe integer". */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** A field of an object, as a row of a table. */
export interface FieldText {
  name: string;
  type: string;
  required: boolean;
  default: string | null;
}

export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): unknown {
  return z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' });
}

/** The fields of an object schema; undefined: it is none. */
export function fieldsOf(jsonSchema: unknown): FieldText[] | undefined {
  const node = nodeSchema.parse(jsonSchema);
  if (node.properties === undefined) return undefined;
  const required = new Set(node.required ?? []);
  return Object.entries(node.properties).map(([name, value]) => {
    const given = nodeSchema.parse(value).default;
    return {
      name,
      type: typeText(value),
      required: required.has(name),
      default: given === undefined ? null : JSON.stringify(given),
    };
  });
}

/** A type in a few words: `"buy" | "sell"`, `integer 1–1000`, `{ a: string, b?: decimal }[]`. */
export function typeText(jsonSchema: unknown): string {
  const node = nodeSchema.parse(jsonSchema);
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.enum !== undefined) return node.enum.map((value) => JSON.stringify(value)).join(' \\| ');
  if (node.anyOf !== undefined) return node.anyOf.map(typeText).join(' \\| ');
  if (Array.isArray(node.type)) return node.type.map((type) => typeText({ ...node, type })).join(' \\| ');
  if (node.type === 'null') return 'null';
  if (node.type === 'array')
    return `${parenthesised(typeText(node.items ?? {}))}[]${range(node.minItems, node.maxItems)}`;
  if (node.type === 'object') return objectText(node);
  if (node.type === 'string') return stringText(node);
  if (node.type === 'integer' || node.type === 'number') {
    const above = node.exclusiveMinimum === undefined ? node.minimum : node.exclusiveMinimum + 1;
    return `${node.type}${range(above, node.maximum)}`;
  }
  return node.type ?? 'any';
}

function objectText(node: Node): string {
  if (node.properties === undefined) {
    const values =
      typeof node.additionalProperties === 'object' ? typeText(node.additionalProperties) : 'any';
    return `{ [key]: ${values} }`;
  }
  const required = new Set(node.required ?? []);
  const fields = Object.entries(node.properties).map(
    ([name, value]) => `${name}${required.has(name) ? '' : '?'}: ${typeText(value)}`,
  );
  return fields.length === 0 ? '{ }' : `{ ${fields.join(', ')} }`;
}

/** The length of a formatted string says nothing beside its format. */
function stringText(node: Node): string {
  if (node.format !== undefined) return node.format;
  if (node.pattern !== undefined) return `string matching ${node.pattern.replaceAll('|', '\\|')}`;
  const length = range(node.minLength, node.maxLength);
  return length === '' ? 'string' : `string of${length}`;
}

function parenthesised(text: string): string {
  return text.includes(' \\| ') && !text.startsWith('{') ? `(${text})` : text;
}

function range(low: number | undefined, high: number | undefined): string {
  const from = low === undefined || low === -NO_LIMIT ? undefined : low;
  const to = high === undefined || high === NO_LIMIT ? undefined : high;
  if (from === undefined && to === undefined) return '';
  if (to === undefined) return from === 0 ? ' ≥ 0' : ` ≥ ${from}`;
  return from === undefined ? ` ≤ ${to}` : ` ${from}–${to}`;
}
