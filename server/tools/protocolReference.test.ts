import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ALERT_CODES } from '../../shared/domain/alert.ts';
import { CLOSE } from '../../shared/protocol/closeCodes.ts';
import { FRAME_KINDS } from '../../shared/protocol/frames.ts';
import { OP_NAMES } from '../../shared/protocol/ops.ts';
import { PUSH_NAMES } from '../../shared/protocol/pushes.ts';
import { parseRequest } from '../gateway/parseRequest.ts';
import { projectRoot } from '../projectRoot.ts';
import {
  asyncApiProblem,
  jsonSchemaProblem,
  openApiProblem,
  validatorOf,
} from '../testing/docs/ajvValidators.mjs';
import { exchangeMisfits, httpMisfits, pushMisfits } from '../testing/docs/misfits.ts';
import { readExamples } from './lib/reference/examples.ts';
import { HTTP_ROUTES } from './lib/reference/httpRoutes.ts';
import { DOCUMENTS } from './lib/reference/indexPage.ts';
import { jsonSchemaOf } from './lib/reference/jsonSchemas.ts';
import { CHANNELS } from './lib/reference/protocolPage.ts';
import { fieldRows, typeText } from './lib/reference/typeText.ts';
import { schemas, writtenFiles } from './lib/reference/writtenFiles.ts';

const committed = (path: string): string => readFileSync(join(projectRoot(), path), 'utf8');
const written = writtenFiles();

describe('the reference', () => {
  it.each(Object.keys(written))(
    '[WS-33] [MET-17] %s is what the schemas say: else run npm run docs',
    (path) => {
      expect(committed(path)).toBe(written[path]);
    },
  );

  it('[WS-33] it names every op, frame kind, push, alert and close code', () => {
    const text = `${written['docs/protocol.md']}${written['docs/ops.md']}`;
    const kinds = PUSH_NAMES.map((name) => name.slice(name.indexOf('/') + 1));
    for (const name of [...OP_NAMES, ...FRAME_KINDS, ...kinds, ...ALERT_CODES, ...Object.keys(CLOSE)])
      expect(text).toContain(`\`${name}\``);
  });

  it('[MET-17] every link of docs/ leads to a page that is there, and to a heading of it', () => {
    const pages = readdirSync(join(projectRoot(), 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`);
    const broken = pages.flatMap((page) =>
      linksOf(committed(page))
        .filter((link) => !isThere(page, link))
        .map((link) => `${page}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  it('[HTTP-12] [MET-17] the index names every document that is there', () => {
    const there = readdirSync(join(projectRoot(), 'docs')).filter((name) => /\.(md|json)$/.test(name));
    const named = DOCUMENTS.map(([file]) => file);
    // Figures of one machine, for those who change it.
    expect(named.sort()).toEqual(there.filter((name) => name !== 'bench.md').sort());
  });

  it('[WS-33] types are said in a few words, and objects in objects row by row', () => {
    const schema = z.strictObject({
      side: z.enum(['buy', 'sell']),
      limit: z.number().int().min(1).max(1_000).default(100),
      tags: z.array(z.string().max(8)).optional(),
      inner: z.object({ a: z.string().nullable() }),
      any: z.record(z.string(), z.number()),
    });
    const link = (name: string): string => name;
    expect(fieldRows(jsonSchemaOf(schema, 'input'), link)?.map(({ path, type }) => [path, type])).toEqual([
      ['side', 'Side'],
      ['limit', 'integer 1–1000'],
      ['tags', 'list of string of ≤ 8'],
      ['inner', 'object'],
      ['inner.a', 'string \\| null'],
      ['any', 'map of number'],
    ]);
    expect(typeText(jsonSchemaOf(z.literal('accepted'), 'output'), link)).toBe('`"accepted"`');
  });
});

describe('examples', () => {
  const examples = readExamples();

  it('[MET-17] every route, op, push and kind of frame has one that was exchanged: else npm run docs:examples', () => {
    const without = (names: readonly string[], table: object): string[] =>
      names.filter((name) => !Object.hasOwn(table, name));
    expect(
      without(
        HTTP_ROUTES.map(({ method, path }) => `${method} ${path}`),
        examples.routes,
      ),
    ).toEqual([]);
    expect(without(OP_NAMES, examples.ops)).toEqual([]);
    expect(without(PUSH_NAMES, examples.pushes)).toEqual([]);
    expect(without(FRAME_KINDS, examples.frames)).toEqual([]);
    const met = ['bad_request', 'unauthenticated', 'forbidden', 'not_found', 'version_conflict', 'denied'];
    expect(without([...met, 'command_id_reused', 'unavailable', 'expired'], examples.errors)).toEqual([]);
    const channels = new Set(PUSH_NAMES.map((name) => name.split('/')[0]));
    for (const [name] of CHANNELS) expect(channels).toContain(name.split(':')[0]);
  });

  it('[MET-17] each is as its schema says: else npm run docs:examples', () => {
    expect([
      ...Object.entries(examples.routes).flatMap(([route, example]) => httpMisfits({ route, ...example })),
      ...Object.values(examples.ops).flatMap(exchangeMisfits),
      ...Object.values(examples.errors).flatMap(exchangeMisfits),
      ...[...Object.values(examples.pushes), ...Object.values(examples.frames)].flatMap(pushMisfits),
    ]).toEqual([]);
  });

  it('[MET-17] none holds a secret', () => {
    const text = committed('docs/examples.json');
    expect(text).not.toMatch(/eyJ[A-Za-z0-9_-]{10,}\./);
    for (const [, value] of text.matchAll(/"(?:token|access_token|refresh_token|password)": "([^"]*)"/g))
      expect(value).toMatch(/^<.*>$/);
  });
});

describe('for machines', () => {
  const parsed = (path: string): object => JSON.parse(written[path] ?? '') as object;

  it('[MET-17] asyncapi.json is AsyncAPI 3, by its official schema', () => {
    expect(asyncApiProblem(parsed('docs/asyncapi.json'))).toBeNull();
  });

  it('[MET-17] openapi.json is OpenAPI 3.1, by a parser of it', async () => {
    expect(await openApiProblem(parsed('docs/openapi.json'))).toBeNull();
  });

  it('[MET-17] a request fits asyncapi.json exactly when the server would read it', () => {
    const { components } = JSON.parse(
      (written['docs/asyncapi.json'] ?? '').replaceAll('#/components/schemas/', 'docs#/$defs/'),
    ) as AsyncApiComponents;
    const check = validatorOf(components.schemas);
    const differing = Object.entries(readExamples().ops).flatMap(([form, { request }]) => {
      const op = String(request.op);
      const payload = components.messages[`${op}.request`]?.payload ?? {};
      return Object.entries(variantsOf(request)).flatMap(([what, variant]) => {
        const text = JSON.stringify(variant);
        const isRead = parseRequest(text).ok;
        const fits = check(payload, JSON.parse(text)) === null;
        return fits === isRead ? [] : [`${form} ${what}: read ${isRead}`];
      });
    });
    expect(differing).toEqual([]);
  });

  it('[MET-17] schemas.json is a JSON Schema, and every reference in all three leads somewhere', () => {
    expect(jsonSchemaProblem(schemas())).toBeNull();
    for (const path of ['docs/asyncapi.json', 'docs/openapi.json', 'docs/schemas.json'])
      expect(danglingRefs(parsed(path)), path).toEqual([]);
  });
});

interface AsyncApiComponents {
  components: { messages: Record<string, { payload: object }>; schemas: Record<string, object> };
}

/** A request as it was sent, and with each part of its envelope left out, or put in where it may not belong. */
function variantsOf(request: Record<string, unknown>): Record<string, Record<string, unknown>> {
  const { args, commandId, validUntil, ...bare } = request;
  const id = { commandId: 'doc-variant-1' };
  const deadline = { validUntil: 1 };
  return {
    'as sent': request,
    'without args': { ...bare, commandId, validUntil },
    'with its arguments alone': { ...bare, args },
    'with a commandId': { ...bare, args, ...id },
    'with a validUntil': { ...bare, args, ...deadline },
    'with both': { ...bare, args, ...id, ...deadline },
    'with an expectedVersion': { ...bare, args, ...id, ...deadline, expectedVersion: 1 },
    'with an expectedVersion and no deadline': { ...bare, args, ...id, expectedVersion: 1 },
    'with a field that nobody knows': { ...request, other: 1 },
  };
}

function linksOf(page: string): string[] {
  return [...page.matchAll(/\]\(([^)\s]+)\)/g)]
    .flatMap(([, link]) => link ?? [])
    .filter((link) => !link.includes('://'));
}

function isThere(page: string, link: string): boolean {
  const [file = '', heading] = link.split('#');
  const path = file === '' ? page : `docs/${file}`;
  if (!existsSync(join(projectRoot(), path))) return false;
  if (heading === undefined) return true;
  const headings = [...committed(path).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  );
  return headings.includes(heading);
}

function danglingRefs(document: object): string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('$ref' in node && typeof node.$ref === 'string' && !leads(document, node.$ref)) found.push(node.$ref);
    for (const child of Object.values(node)) visit(child);
  };
  visit(document);
  return found;
}

function leads(document: object, reference: string): boolean {
  const steps = reference
    .slice(2)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return (
    steps.reduce<unknown>((node, step) => (node as Record<string, unknown> | undefined)?.[step], document) !==
    undefined
  );
}
