import { FRAME_KINDS } from '../../../../shared/protocol/frames.ts';
import { type JsonSchema, namedSchemas } from './jsonSchemas.ts';
import { blocks, schemaText, toTypes } from './markdown.ts';
import { frameTypeName } from './namedTypes.ts';

const FRAMES = new Set(FRAME_KINDS.map(frameTypeName));

/** docs/types.md: each named type once. */
export function typesPage(): string {
  const types = Object.entries(namedSchemas((name) => name, true)).filter(([name]) => !FRAMES.has(name));
  return blocks([
    '# Types',
    'Written by `npm run docs` from the schemas; do not edit. [The protocol](protocol.md) refers to these by name; as JSON Schema they are in [schemas.json](schemas.json).',
    'What the server sends may have more fields in a later version: ignore those you do not know. What you send is read strictly.',
    types.map(([name]) => toTypes(name).replace('types.md', '')).join(' · '),
    ...types.map(([name, schema]) => typeText(name, schema)),
  ]);
}

function typeText(name: string, schema: JsonSchema): string {
  const { description = '', ...rest } = schema;
  const text =
    name === 'DeskFrame'
      ? 'One of the [frames on `desk`](protocol.md#frames-on-desk).'
      : schemaText(rest, (other) => toTypes(other).replace('types.md', ''), '`{}`');
  return blocks([`## ${name}`, description, text]).trimEnd();
}
