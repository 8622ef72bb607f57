import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FRAME_KINDS } from '../../../shared/protocol/frames.ts';
import { projectRoot } from '../../projectRoot.ts';
import { EXAMPLES_FILE, type Examples } from '../../tools/lib/reference/examples.ts';
import type { Exchange, Exchanges } from './exchanges.ts';

/** Longest list that an example shows; the reference says so. */
const SHOWN_ITEMS = 2;

/**
 * With FILLWIRE_RECORD_EXAMPLES=1 the first exchange of each kind becomes the example in docs/examples.json, without
 * secrets and with lists cut short.
 */
export function keepExamples(seen: Exchanges): void {
  if (process.env.FILLWIRE_RECORD_EXAMPLES !== '1') return;
  const examples: Examples = { routes: {}, ops: {}, pushes: {}, frames: {}, errors: {} };
  for (const { route, body, status, answer } of seen.http) {
    if (status === 200) examples.routes[route] ??= scrubbed({ body, status, answer });
  }
  for (const exchange of seen.exchanged) {
    const { request, reply } = exchange;
    if (reply.ok === true) examples.ops[exampleName(exchange)] ??= scrubbed({ request, reply });
    else {
      const { code } = reply.error as { code: string };
      examples.errors[code] ??= scrubbed({ request, reply });
    }
  }
  for (const push of seen.pushed) {
    const kind = String(push.kind);
    const isFrame = (FRAME_KINDS as string[]).includes(kind);
    if (isFrame) examples.frames[kind] ??= scrubbed(push);
    else examples.pushes[`${String(push.ch).split(':')[0]}/${kind}`] ??= scrubbed(push);
  }
  const path = join(projectRoot(), EXAMPLES_FILE);
  writeFileSync(path, `${JSON.stringify(sorted(examples), null, 2)}\n`);
}

/** Forms of an op that differ are shown apart. */
function exampleName({ request }: Exchange): string {
  const { preview, since } = (request.args ?? {}) as { preview?: boolean; since?: unknown };
  if (preview === true) return `${String(request.op)} (preview)`;
  return since === undefined ? String(request.op) : `${String(request.op)} (resume)`;
}

function scrubbed<T>(example: T): T {
  return cut(example, '') as T;
}

function cut(value: unknown, key: string): unknown {
  if (typeof value === 'string') return withoutSecrets(value, key);
  if (Array.isArray(value)) {
    // Which channels there are is the point.
    const shown = key === 'channels' ? value : value.slice(0, SHOWN_ITEMS);
    return shown.map((item) => cut(item, key));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const isMap = entries.length > SHOWN_ITEMS && entries.every(([, entry]) => typeof entry === 'object');
  const shown = isMap && MAPS.has(key) ? entries.slice(0, SHOWN_ITEMS) : entries;
  return Object.fromEntries(shown.map(([name, entry]) => [name, cut(entry, name)]));
}

const MAPS = new Set(['accounts', 'bots', 'orders', 'positions', 'alerts', 'limits']);
const SECRETS: Record<string, string> = {
  token: '<access token>',
  access_token: '<access token>',
  refresh_token: '<refresh token>',
  password: '<password>',
  apiKey: '<api key>',
  secret: '<secret>',
  passphrase: '<passphrase>',
  email: 'you@example.com',
  padding: '<70 KB>',
};

function withoutSecrets(text: string, key: string): string {
  return SECRETS[key] ?? text;
}

function sorted(examples: Examples): Examples {
  const byName = <T>(table: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    routes: byName(examples.routes),
    ops: byName(examples.ops),
    pushes: byName(examples.pushes),
    frames: byName(examples.frames),
    errors: byName(examples.errors),
  };
}
