import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requestEnvelopeSchema } from '../../../../shared/protocol/clientMessage.ts';
import { OP_NAMES, ops } from '../../../../shared/protocol/ops.ts';
import { PUSH_NAMES, pushes } from '../../../../shared/protocol/pushes.ts';
import { projectRoot } from '../../../projectRoot.ts';
import { asyncApi } from './asyncApi.ts';
import { readExamples } from './examples.ts';
import { httpPage } from './httpPage.ts';
import { indexPage } from './indexPage.ts';
import { jsonSchemaOf, namedSchemas } from './jsonSchemas.ts';
import { openApi } from './openApi.ts';
import { argsNotes, opsPage, resultNotes } from './opsPage.ts';
import { protocolPage } from './protocolPage.ts';
import { typesPage } from './typesPage.ts';

/** Every file that `npm run docs` writes, by its path from the project root. */
export function writtenFiles(): Record<string, string> {
  const examples = readExamples();
  const { version } = JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8')) as {
    version: string;
  };
  return {
    'docs/index.html': indexPage(version),
    'docs/protocol.md': protocolPage(examples),
    'docs/ops.md': opsPage(examples),
    'docs/types.md': typesPage(),
    'docs/http.md': httpPage(examples),
    'docs/asyncapi.json': json(asyncApi(examples, version)),
    'docs/openapi.json': json(openApi(examples, version)),
    'docs/schemas.json': json(schemas()),
  };
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}

/** docs/schemas.json: one JSON Schema whose definitions are all types, arguments, results and pushes. */
export function schemas(): object {
  const ref = (name: string): string => `#/$defs/${name}`;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Fillwire',
    description:
      'Types by name; arguments and results as `<op>.args` and `<op>.result`; pushes as `<channel>.<kind>`; the envelope of requests as `Request`.',
    $defs: {
      ...namedSchemas(ref, true),
      Request: jsonSchemaOf(requestEnvelopeSchema, 'input', { ref }),
      ...Object.fromEntries(
        OP_NAMES.flatMap((name) => [
          [`${name}.args`, jsonSchemaOf(ops[name].args, 'input', { ref, notes: argsNotes(name) })],
          [
            `${name}.result`,
            jsonSchemaOf(ops[name].result, 'output', { ref, open: true, notes: resultNotes(name) }),
          ],
        ]),
      ),
      ...Object.fromEntries(
        PUSH_NAMES.map((name) => [
          name.replaceAll('/', '.'),
          jsonSchemaOf(pushes[name].message, 'output', { ref, open: true }),
        ]),
      ),
    },
  };
}
