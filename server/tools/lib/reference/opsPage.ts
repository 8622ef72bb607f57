import type { OpClass } from '../../../../shared/protocol/ops/define.ts';
import { OP_NAMES, type OpName, ops } from '../../../../shared/protocol/ops.ts';
import { VERSIONED } from '../../../gateway/parseRequest.ts';
import type { Examples } from './examples.ts';
import type { FieldNotes } from './fieldNotes.ts';
import { readFieldNotes } from './fieldNotes.ts';
import { jsonSchemaOf } from './jsonSchemas.ts';
import { blocks, jsonBlock, schemaText, table, toTypes } from './markdown.ts';

const CLASS_TEXT: Record<OpClass, { title: string; what: string; takes: string }> = {
  session: { title: 'The connection itself', what: 'about the connection itself', takes: 'nothing' },
  read: { title: 'Reads', what: 'changes nothing', takes: 'nothing' },
  command: {
    title: 'Commands',
    what: 'changes something',
    takes: `\`commandId\`, and if you like \`validUntil\` and, of ${versionedOf('command')} only, \`expectedVersion\``,
  },
  exposure: {
    title: 'Commands that can add exposure',
    what: 'can add exposure',
    takes: `\`commandId\` and \`validUntil\`, and if you like, of ${versionedOf('exposure')} only, \`expectedVersion\``,
  },
  exit: {
    title: 'Exits',
    what: 'stops, cancels, closes; has a rate budget of its own and is taken where everything else is refused',
    takes: '`commandId` and nothing else',
  },
};
/** Ops of a class whose requests may name a version. */
function versionedOf(opClass: OpClass): string {
  return [...VERSIONED]
    .filter((name) => ops[name].class === opClass)
    .map((name) => `\`${name}\``)
    .join(', ');
}
const CLASSES = Object.keys(CLASS_TEXT) as OpClass[];

const OP_FILES = [
  'session',
  'market',
  'accounts',
  'bots',
  'trading',
  'alerts',
  'history',
  'devices',
  'admin',
];
const notes = new Map(
  OP_FILES.flatMap((file) => [...readFieldNotes(`shared/protocol/ops/${file}.ts`)]),
) as ReadonlyMap<string, FieldNotes>;
const NO_NOTES: FieldNotes = new Map();

export const argsNotes = (name: OpName): FieldNotes => notes.get(`${name}#args`) ?? NO_NOTES;
export const resultNotes = (name: OpName): FieldNotes => notes.get(`${name}#result`) ?? NO_NOTES;

/** The classes of ops: what each is, and what the envelope of its requests takes. */
export function classTable(): string {
  return table(
    ['class', 'an op of it', 'its requests take'],
    CLASSES.map((name) => [`\`${name}\``, CLASS_TEXT[name].what, CLASS_TEXT[name].takes]),
  );
}

/** docs/ops.md: each op with its arguments, its result and an example. */
export function opsPage(examples: Examples): string {
  const of = (opClass: OpClass): OpName[] => OP_NAMES.filter((name) => ops[name].class === opClass);
  return blocks([
    '# Ops',
    'Written by `npm run docs` from the schemas; do not edit. Each example was exchanged with a server by a test; lists in it are cut to two entries, secrets left out. [The protocol](protocol.md) says what a request and a reply look like, [Errors and retries](errors.md) what to do after a refusal.',
    ...CLASSES.map((opClass) => `- **${CLASS_TEXT[opClass].title}**: ${of(opClass).map(opLink).join(', ')}`),
    ...CLASSES.flatMap((opClass) => [
      `## ${CLASS_TEXT[opClass].title}`,
      `Requests of class \`${opClass}\` take ${CLASS_TEXT[opClass].takes} beside \`id\`, \`op\` and \`args\`.`,
      ...of(opClass).map((name) => opText(name, examples)),
    ]),
  ]);
}

function opLink(name: OpName): string {
  return `[\`${name}\`](#${anchor(name)})`;
}

/** As GitHub makes anchors of headings. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}

function opText(name: OpName, examples: Examples): string {
  const { summary, args, result } = ops[name];
  const argsSchema = jsonSchemaOf(args, 'input', { notes: argsNotes(name) });
  const resultSchema = jsonSchemaOf(result, 'output', { notes: resultNotes(name) });
  const forms = Object.entries(examples.ops).filter(
    ([form]) => form === name || form.startsWith(`${name} (`),
  );
  return blocks([
    `### \`${name}\``,
    summary,
    `**Arguments.**${withTable(schemaText(argsSchema, toTypes, 'None.'))}`,
    `**Result.**${withTable(schemaText(resultSchema, toTypes, '`{}`'))}`,
    ...forms.flatMap(([form, { request, reply }]) => [
      form === name ? '' : `With ${form.slice(name.length + 2, -1) === 'preview' ? '`preview`' : '`since`'}:`,
      jsonBlock(request, reply),
    ]),
  ]).trimEnd();
}

function withTable(text: string): string {
  return text.startsWith('|') || /^(Either|With)/.test(text) ? `\n\n${text}` : ` ${text}`;
}
