import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayWorld } from '../testing/gatewayWorld.ts';

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

const SCRIPT = `export const answer = 42; // ${'x'.repeat(2_000)}`;
let folder: string;
let docs: string;
let pages: string;
let world: GatewayWorld;
let isReady = true;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fillwire-static-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Fillwire</title>');
  writeFileSync(join(folder, 'assets/index-DxK3a9_b.js'), SCRIPT);
  writeFileSync(join(folder, 'icon.svg'), '<svg/>');
  writeFileSync(join(folder, '../secret.txt'), 'secret');
  docs = mkdtempSync(join(tmpdir(), 'fillwire-docs-'));
  writeFileSync(join(docs, 'index.html'), '<!doctype html><title>Documentation</title>');
  writeFileSync(join(docs, 'protocol.md'), '# The protocol');
  writeFileSync(join(docs, 'asyncapi.json'), '{}');
  writeFileSync(join(docs, 'dashboard.png'), 'a picture');
  writeFileSync(join(docs, 'unrendered.md'), '# Nothing');
  pages = mkdtempSync(join(tmpdir(), 'fillwire-pages-'));
  writeFileSync(join(pages, 'protocol.html'), '<!doctype html><h1>The protocol</h1>');
  world = await GatewayWorld.start({
    staticDir: folder,
    docsDir: docs,
    docPagesDir: pages,
    readiness: () => ({ ready: isReady, checks: { log: isReady }, stuckDesks: 0, awakeDesks: 0 }),
  });
});
afterAll(async () => {
  await world.stop();
  for (const made of [folder, docs, pages]) rmSync(made, { recursive: true, force: true });
});

/** Not fetch: it decodes bodies and tidies paths. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: world.port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

const PAGE = { accept: 'text/html,*/*' };

describe('the dashboard’s files', () => {
  it('[HTTP-9] the page is never cached unasked, and comes with its security headers', async () => {
    const page = await get('/', PAGE);
    expect(page.status).toBe(200);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
    expect(page.headers['content-security-policy']).toContain("script-src 'self';");
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'");
  });

  it('[HTTP-9] assets with a hash in their name are immutable; each encoding holds the same content', async () => {
    const path = '/assets/index-DxK3a9_b.js';
    const plain = await get(path);
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.body.toString()).toBe(SCRIPT);
    const brotli = await get(path, { 'accept-encoding': 'gzip, deflate, br' });
    expect(brotli.headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(brotli.body).toString()).toBe(SCRIPT);
    const gzip = await get(path, { 'accept-encoding': 'br;q=0, gzip' });
    expect(gzip.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(gzip.body).toString()).toBe(SCRIPT);
    expect((await get('/icon.svg')).headers['cache-control']).toBe('no-cache');
  });

  it('[HTTP-9] what is known by its ETag is not sent again; HEAD sends no body', async () => {
    const first = await get('/', PAGE);
    const again = await get('/', { ...PAGE, 'if-none-match': String(first.headers.etag) });
    expect([again.status, again.body.byteLength]).toEqual([304, 0]);
    expect(again.headers['content-length']).toBeUndefined();
    const head = await get('/', PAGE, 'HEAD');
    expect([head.status, head.body.byteLength]).toEqual([200, 0]);
    expect(head.headers['content-length']).toBe(first.headers['content-length']);
  });

  it('[HTTP-10] routes of the page get the page; missing files, API paths and ways out of the folder get 404', async () => {
    expect((await get('/bots/b1', PAGE)).body.toString()).toContain('<title>Fillwire');
    const missing = [
      '/assets/gone.js',
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/assets/../../secret.txt',
      '//etc/passwd',
    ];
    for (const path of missing) expect((await get(path)).status).toBe(404);
    expect((await get('/auth/nothing', PAGE)).status).toBe(404);
    expect((await get('/', PAGE, 'DELETE')).status).toBe(405);
  });

  it('[HTTP-11] tells whether it lives, and whether it is ready', async () => {
    expect((await get('/healthz')).status).toBe(200);
    expect(JSON.parse((await get('/readyz')).body.toString())).toEqual({
      ready: true,
      checks: { log: true },
      stuck_desks: 0,
      awake_desks: 0,
    });
    isReady = false;
    expect((await get('/readyz')).status).toBe(503);
    isReady = true;
  });
});

describe('the documentation', () => {
  it('[HTTP-12] [MET-17] is served at /docs, its pages as text that browsers show', async () => {
    for (const path of ['/docs', '/docs/', '/docs/index.html']) {
      const index = await get(path, PAGE);
      expect(index.body.toString()).toContain('<title>Documentation');
      expect(index.headers['content-security-policy']).toContain("default-src 'none'");
    }
    const page = await get('/docs/protocol.md');
    expect(page.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
    });
    expect(page.body.toString()).toBe('# The protocol');
    expect((await get('/docs/asyncapi.json')).headers['content-type']).toBe('application/json');
  });

  it('[HTTP-12] a page is HTML for browsers, with the headers of one, and Markdown for programs and whoever asks for that', async () => {
    const page = await get('/docs/protocol.md', PAGE);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      vary: 'Accept, Accept-Encoding',
    });
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.body.toString()).toContain('<h1>The protocol</h1>');
    for (const [path, headers] of [
      ['/docs/protocol.md?raw', PAGE],
      ['/docs/protocol.md', { accept: '*/*' }],
    ] as const)
      expect((await get(path, headers)).body.toString(), path).toBe('# The protocol');
    expect((await get('/docs/unrendered.md', PAGE)).headers['content-type']).toContain('text/plain');
  });

  it('[HTTP-12] what is not there, or no document, is 404 and not the dashboard', async () => {
    for (const path of ['/docs/nothing', '/docs/nothing.md', '/docs/dashboard.png', '/docs/../package.json'])
      expect((await get(path, PAGE)).status, path).toBe(404);
  });
});
