import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildPages } from '../../scripts/docsPages.mjs';
import { projectRoot } from '../projectRoot.ts';
import { GatewayWorld } from '../testing/gatewayWorld.ts';

const docs = join(projectRoot(), 'docs');
const written = readdirSync(docs).filter((name) => name.endsWith('.md'));
let world: GatewayWorld;
let url: string;

beforeAll(async () => {
  const docPagesDir = mkdtempSync(join(tmpdir(), 'fillwire-pages-'));
  expect(buildPages(docs, docPagesDir)).toBe(written.length);
  world = await GatewayWorld.start({ docsDir: docs, docPagesDir });
  url = `http://127.0.0.1:${world.port}`;
});
afterAll(() => world.stop());

async function pageAt(path: string): Promise<{ status: number; html: string }> {
  const answer = await fetch(`${url}${path}`, { headers: { accept: 'text/html' } });
  return { status: answer.status, html: await answer.text() };
}

it('[HTTP-12] every link of the documentation leads to a page that is there, at a place that is there', async () => {
  const pages = ['/docs', ...written.map((name) => `/docs/${name}`)];
  const found = new Set<string>();
  for (const path of pages) {
    const { status, html } = await pageAt(path);
    expect(status, path).toBe(200);
    expect(html, path).toContain('<!doctype html>');
    for (const [, href = ''] of html.matchAll(/<a [^>]*href="([^"]+)"/g)) {
      if (/^https?:/.test(href)) continue;
      const target = new URL(href, `${url}${path}`);
      found.add(`${target.pathname}${target.hash}`);
    }
  }
  expect(found.size).toBeGreaterThan(100);
  const known = new Map<string, string>();
  for (const link of found) {
    const [path = '', anchor] = link.split('#');
    const html = known.get(path) ?? (await pageAt(path)).html;
    known.set(path, html);
    expect(html, link).not.toBe('not found\n');
    if (anchor !== undefined) expect(html.includes(`id="${decodeURIComponent(anchor)}"`), link).toBe(true);
  }
});
