import type { ErrorCode } from '../../../../shared/protocol/errors.ts';
import { HTTP_STATUS } from '../../../gateway/httpExchange.ts';
import { GATEWAY_LIMITS } from '../../../gateway/limits.ts';
import type { Examples } from './examples.ts';
import type { FieldNotes } from './fieldNotes.ts';
import { readFieldNotes } from './fieldNotes.ts';
import { HTTP_ROUTES, type HttpRoute } from './httpRoutes.ts';
import { jsonSchemaOf } from './jsonSchemas.ts';
import { blocks, jsonBlock, schemaText, table, toTypes } from './markdown.ts';

const NO_NOTES: FieldNotes = new Map();

/** docs/http.md: each route with its body, its answer and an example. */
export function httpPage(examples: Examples): string {
  return blocks([
    '# HTTP routes',
    'Written by `npm run docs` from the schemas; do not edit. HTTP is for logging in and for health; everything else goes over [the WebSocket](protocol.md). Each example was exchanged with a server by a test, secrets left out.',
    'Bodies are JSON with `Content-Type: application/json`, at most 16 KB, read strictly; one that has not come within 10 s gets 408 (`bad_request`) and ends the connection, one in more than 256 pieces (chunks) ends it without an answer. A refusal of these routes is `{ "error": … }` around a [WireError](types.md#wireerror), with the status below; where `details.retryAfterMs` is given, so is `Retry-After`. A path that is not there is answered with 404 (or, to who accepts `text/html`, with the dashboard), another method than a path has with 404 or 405, both as plain text, and so is `GET /ws` that asks for no upgrade (404), or for another subprotocol (400) or from an origin that is not allowed (403). Programs send no `Origin`. The server answers to `localhost`, to plain addresses and to the names its operator listed; to others with 421. A head that could be read in two ways (two lines of `Host`, `Origin`, `Content-Type` or `Content-Length`, an `Origin` that is none, a length beside chunks, a coding other than `chunked`) gets 400, and the connection is closed.',
    'Access tokens last 15 minutes unless the operator says otherwise (`expires_in`), refresh tokens 30 days, counted anew from each refresh. Keep the newest refresh token: each refresh ends the one before. Use the `device_id` of the answer as `device.id` from then on.',
    'Beside these: `GET /ws` is [the WebSocket](protocol.md), `GET /` the dashboard, `GET /docs` this documentation. Pages of origins that the operator listed may call `/auth/*` (CORS), without cookies; the refresh cookie (`refresh_token_in: "cookie"`) is for pages of the server itself. A path that takes no body refuses one.',
    table(
      ['route', ''],
      HTTP_ROUTES.map(({ method, path, summary }) => [
        `[\`${method} ${path}\`](#${`${method} ${path}`
          .toLowerCase()
          .replaceAll(/[^a-z0-9 -]/g, '')
          .replaceAll(' ', '-')})`,
        summary.slice(0, summary.indexOf('.') + 1),
      ]),
    ),
    ...HTTP_ROUTES.map((route) => routeText(route, examples)),
    '## How often',
    `Counted per address and minute; beyond it \`rate_limited\`, with \`details.retryAfterMs\`. [All HTTP requests of an address](protocol.md#what-a-connection-may-send) have a rate beside.`,
    table(
      ['what', 'per minute'],
      [
        ['registrations and logins together, good and bad', String(GATEWAY_LIMITS.credentialsPerMinute)],
        ['refreshes and logouts together', String(GATEWAY_LIMITS.refreshesPerMinute)],
      ],
    ),
    '## Status of each error',
    table(
      ['status', 'codes'],
      [...groupedByStatus()].map(([status, codes]) => [
        status,
        codes.map((code) => `\`${code}\``).join(', '),
      ]),
    ),
  ]);
}

function routeText(route: HttpRoute, examples: Examples): string {
  const { method, path, summary, body, answer, refusals } = route;
  const name = `${method} ${path}`;
  const example = examples.routes[name];
  return blocks([
    `## \`${name}\``,
    summary,
    body === null ? '' : '**Body**',
    body === null
      ? ''
      : schemaText(
          jsonSchemaOf(body, 'input', { notes: notesOf(body), own: nameOf(body) }),
          toTypes,
          'None.',
        ),
    answer === null ? '' : `**Answer, ${path === '/readyz' ? '200 or 503' : '200'}.**${answerText(answer)}`,
    refusals.length === 0 ? '' : `**Refusals**: ${refusals.map((code) => `\`${code}\``).join(', ')}.`,
    example === undefined
      ? ''
      : example.body === null
        ? jsonBlock(example.answer)
        : jsonBlock(example.body, example.answer),
  ]).trimEnd();
}

function answerText(answer: NonNullable<HttpRoute['answer']>): string {
  const text = schemaText(jsonSchemaOf(answer, 'output'), toTypes, '`{}`');
  return text.startsWith('|') || /^(Either|With)/.test(text) ? `\n\n${text}` : ` ${text}`;
}

/** Bodies are written out where they are taken. */
const BODIES: Record<string, { name: string; constant: string }> = {
  '/auth/register': { name: 'Registration', constant: 'registrationSchema' },
  '/auth/login': { name: 'Credentials', constant: 'credentialsSchema' },
  '/auth/refresh': { name: 'RefreshRequest', constant: 'refreshRequestSchema' },
  '/auth/logout': { name: 'RefreshRequest', constant: 'refreshRequestSchema' },
};

function bodyOf(body: NonNullable<HttpRoute['body']>): { name: string; constant: string } | undefined {
  return BODIES[HTTP_ROUTES.find((route) => route.body === body)?.path ?? ''];
}

const nameOf = (body: NonNullable<HttpRoute['body']>): string => bodyOf(body)?.name ?? '';

function notesOf(body: NonNullable<HttpRoute['body']>): FieldNotes {
  return readFieldNotes('shared/protocol/auth.ts').get(bodyOf(body)?.constant ?? '') ?? NO_NOTES;
}

function groupedByStatus(): Map<string, ErrorCode[]> {
  const groups = new Map<string, ErrorCode[]>();
  for (const [code, status] of Object.entries(HTTP_STATUS) as [ErrorCode, string][])
    groups.set(status, [...(groups.get(status) ?? []), code]);
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}
