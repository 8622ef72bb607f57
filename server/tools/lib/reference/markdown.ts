import type { Rate } from '../../../gateway/limits.ts';
import type { JsonSchema } from './jsonSchemas.ts';
import { fieldRows, type TypeLink, typeText } from './typeText.ts';

/** Longest line of an example that is written as one. */
const LINE = 96;

/** Links from other pages to the page of types. */
export const toTypes: TypeLink = (name) => `[${name}](types.md#${name.toLowerCase()})`;

/** Blocks apart by an empty line; the rows of a list together. */
export function blocks(parts: readonly string[]): string {
  const text = parts
    .filter((part) => part !== '')
    .reduce((whole, part) => {
      const isList = part.startsWith('- ') && whole.slice(whole.lastIndexOf('\n') + 1).startsWith('- ');
      return `${whole}${isList ? '\n' : '\n\n'}${part}`;
    });
  return `${text}\n`;
}

export function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** What a schema holds: a table of fields, or several where it is one of several objects, or its type. */
export function schemaText(schema: JsonSchema, link: TypeLink, empty: string): string {
  const choices = schema.anyOf ?? schema.oneOf ?? [];
  if (choices.some(({ properties }) => properties !== undefined)) {
    const tag = tagOf(choices);
    return choices.map((choice, index) => choiceText(choice, index, tag, link)).join('\n\n');
  }
  const rows = fieldRows(schema, link);
  if (rows === undefined) return `${typeText(schema, link)}.`;
  if (rows.length === 0) return empty;
  return table(
    ['field', 'type', ''],
    rows.map(({ path, type, required, default: given, note }) => [
      `\`${path}\``,
      type,
      [required ? '' : given === null ? 'Optional.' : `Default \`${given}\`.`, inCell(note)]
        .filter((text) => text !== '')
        .join(' '),
    ]),
  );
}

function choiceText(choice: JsonSchema, index: number, tag: string | undefined, link: TypeLink): string {
  const before = index === 0 ? 'Either' : 'Or';
  if (choice.properties === undefined) return `${before} ${typeText(choice, link)}.`;
  const title =
    tag === undefined ? before : `With \`${tag}\` ${typeText(choice.properties[tag] ?? {}, link)}`;
  return `${title}:\n\n${schemaText(choice, link, '`{}`')}`;
}

/** The field by whose value one tells choices apart. */
function tagOf(choices: readonly JsonSchema[]): string | undefined {
  const [first] = choices;
  const isTag = (name: string): boolean =>
    choices.every(({ properties }) => properties?.[name]?.const !== undefined) &&
    new Set(choices.map(({ properties }) => properties?.[name]?.const)).size === choices.length;
  return Object.keys(first?.properties ?? {}).find(isTag);
}

export function inCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n- ', '<br>').replaceAll('\n', ' ');
}

/** Values as people read them: what fits on a line is on one. */
export function jsonBlock(...values: readonly unknown[]): string {
  return ['```json', ...values.map((value) => pretty(value, '')), '```'].join('\n');
}

function pretty(value: unknown, indent: string): string {
  const flat = spaced(value);
  if (typeof value !== 'object' || value === null || indent.length + flat.length <= LINE) return flat;
  const inner = `${indent}  `;
  if (Array.isArray(value))
    return `[\n${value.map((item) => `${inner}${pretty(item, inner)}`).join(',\n')}\n${indent}]`;
  const rows = Object.entries(value).map(
    ([key, member]) => `${inner}${JSON.stringify(key)}: ${pretty(member, inner)}`,
  );
  return `{\n${rows.join(',\n')}\n${indent}}`;
}

/** On one line. */
function spaced(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  const rows = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${spaced(member)}`);
  return rows.length === 0 ? '{}' : `{ ${rows.join(', ')} }`;
}

export function rateTable(rows: ReadonlyArray<readonly [what: string, rate: Rate]>): string {
  return table(
    ['what', 'per second', 'at once'],
    rows.map(([what, { perSecond, burst }]) => [what, String(perSecond), String(burst)]),
  );
}
