import type { JsonSchema } from './jsonSchemas.ts';

/** A field of an object, or of an object in it, as a row of a table. */
export interface FieldRow {
  /** From the object down: `stop.state`, `found[].symbol`. */
  path: string;
  type: string;
  required: boolean;
  /** As JSON; null: none. */
  default: string | null;
  note: string;
}

/** How a named type is written: a link to where it is. */
export type TypeLink = (name: string) => string;

/** The rows of an object schema, those of objects in it below them; undefined: it is no object with fields. */
export function fieldRows(schema: JsonSchema, link: TypeLink, prefix = ''): FieldRow[] | undefined {
  if (schema.properties === undefined) return undefined;
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const inner = innerObject(field);
    const row = {
      path,
      type: typeText(field, link),
      required: required.has(name),
      default: field.default === undefined ? null : JSON.stringify(field.default),
      note: field.description ?? '',
    };
    const below = inner === undefined ? [] : (fieldRows(inner.object, link, `${path}${inner.suffix}.`) ?? []);
    return [row, ...below];
  });
}

/** The object that a field holds, alone or in a list or map, if it is written out there. */
function innerObject(field: JsonSchema): { object: JsonSchema; suffix: string } | undefined {
  if (field.properties !== undefined) return { object: field, suffix: '' };
  const objects = (field.anyOf ?? []).filter(({ properties }) => properties !== undefined);
  const [only] = objects;
  if (objects.length === 1 && only !== undefined) return { object: only, suffix: '' };
  const item =
    field.items ?? (typeof field.additionalProperties === 'object' ? field.additionalProperties : {});
  return item.properties === undefined ? undefined : { object: item, suffix: '[]' };
}

/** A type in a few words of Markdown, for a cell of a table: `"buy"` \| `"sell"`, `integer 1–1000`, list of `Order`. */
export function typeText(schema: JsonSchema, link: TypeLink): string {
  if (schema.$ref !== undefined) return link(schema.$ref);
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum !== undefined) return schema.enum.map((value) => code(JSON.stringify(value))).join(' \\| ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.map((choice) => typeText(choice, link)).join(' \\| ');
  if (Array.isArray(schema.type))
    return schema.type.map((type) => typeText({ ...schema, type }, link)).join(' \\| ');
  switch (schema.type) {
    case 'array':
      return `list of ${typeText(schema.items ?? {}, link)}${range(schema.minItems, schema.maxItems, ' ')}`;
    case 'object':
      return objectText(schema, link);
    case 'string':
      return stringText(schema);
    case 'integer':
    case 'number': {
      const above = schema.exclusiveMinimum === undefined ? schema.minimum : schema.exclusiveMinimum + 1;
      return `${schema.type}${range(above, schema.maximum, ' ')}`;
    }
    default:
      return schema.type ?? 'anything';
  }
}

function objectText(schema: JsonSchema, link: TypeLink): string {
  if (schema.properties !== undefined) return Object.keys(schema.properties).length === 0 ? '`{}`' : 'object';
  const values = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
  return `map of ${typeText(values, link)}`;
}

function stringText(schema: JsonSchema): string {
  if (schema.pattern !== undefined) return `string ${code(schema.pattern.replaceAll('|', '\\|'))}`;
  return `string${range(schema.minLength, schema.maxLength, ' of ')}`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function range(low: number | undefined, high: number | undefined, before: string): string {
  if (low === undefined && high === undefined) return '';
  if (high === undefined) return low === 0 && before === ' of ' ? '' : `${before}≥ ${low}`;
  return low === undefined ? `${before}≤ ${high}` : `${before}${low}–${high}`;
}
