import type { ErrorCode } from '../../../../shared/protocol/errors.ts';
import { HTTP_STATUS } from '../../../gateway/httpExchange.ts';
import type { Examples } from './examples.ts';
import { HTTP_ROUTES, type HttpRoute } from './httpRoutes.ts';
import { jsonSchemaOf, namedSchemas } from './jsonSchemas.ts';

const ref = (name: string): string => `#/components/schemas/${name}`;
/** What routes refer to themselves; orders and bots are for the socket. */
const ROOTS = ['Credentials', 'DeviceInput', 'HttpError', 'RefreshRequest', 'Registration', 'Tokens'];

/** The same with whatever those refer to. */
function reachable(all: Record<string, object>): Set<string> {
  const found = new Set(ROOTS);
  // A set is walked together with what is added meanwhile.
  for (const name of found)
    for (const [, other = ''] of JSON.stringify(all[name]).matchAll(/#\/components\/schemas\/(\w+)/g))
      found.add(other);
  return found;
}

/** docs/openapi.json: the HTTP routes, as OpenAPI 3.1. */
export function openApi(examples: Examples, version: string): object {
  const all = namedSchemas(ref, true);
  const isUsed = reachable(all);
  const used = Object.entries(all).filter(([name]) => isUsed.has(name));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Fillwire',
      version,
      description:
        'Logging in, and health. Everything else goes over the WebSocket at /ws: asyncapi.json. Written by `npm run docs`; docs/http.md says it in words.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://127.0.0.1:8710' }],
    paths: Object.fromEntries(
      HTTP_ROUTES.map((route) => [route.path, { [route.method.toLowerCase()]: operation(route, examples) }]),
    ),
    components: { schemas: Object.fromEntries(used) },
  };
}

function operation({ method, path, summary, body, answer, refusals }: HttpRoute, examples: Examples): object {
  const example = examples.routes[`${method} ${path}`];
  const json = (schema: object, shown: unknown): object => ({
    'application/json': { schema, ...(shown == null ? {} : { example: shown }) },
  });
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/\/([a-z])/g, (_, letter: string) => letter.toUpperCase())}`,
    summary: summary.slice(0, summary.indexOf('.') + 1),
    description: summary,
    security: [],
    ...(body === null
      ? {}
      : {
          requestBody: { required: true, content: json(jsonSchemaOf(body, 'input', { ref }), example?.body) },
        }),
    responses: {
      200: {
        description: 'Done.',
        ...(answer === null
          ? {}
          : { content: json(jsonSchemaOf(answer, 'output', { ref, open: true }), example?.answer) }),
      },
      ...(path === '/readyz'
        ? {
            503: {
              description: 'Not ready.',
              content: json(
                { $ref: '#/paths/~1readyz/get/responses/200/content/application~1json/schema' },
                null,
              ),
            },
          }
        : {}),
      ...refusalsByStatus(refusals),
    },
  };
}

function refusalsByStatus(refusals: readonly ErrorCode[]): Record<string, object> {
  const byStatus = new Map<string, ErrorCode[]>();
  for (const code of refusals) {
    const status = HTTP_STATUS[code].slice(0, 3);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const content = { 'application/json': { schema: { $ref: ref('HttpError') } } };
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [status, { description: codes.join(', '), content }]),
  );
}
