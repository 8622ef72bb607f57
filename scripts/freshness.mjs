// Decides by content whether a part of dist/ was built from the sources that lie here now.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIST, ROOT } from './entries.mjs';

const COMMON = ['package.json', 'package-lock.json', 'shared', 'scripts'];
const PART_SOURCES = {
  server: [...COMMON, 'server'],
  client: [...COMMON, 'client'],
  docs: ['package-lock.json', 'scripts/docsPages.mjs', 'docs'],
};
const NOT_BUILT_FROM = /(^|\/)(node_modules|e2e)(\/|$)|\.test\.ts$|^(client|server|shared|scripts)\/.*\.md$/;

function listFiles(path) {
  const absolute = join(ROOT, path);
  if (!existsSync(absolute) || NOT_BUILT_FROM.test(path)) return [];
  if (statSync(absolute).isFile()) return [path];
  return readdirSync(absolute)
    .sort()
    .flatMap((name) => listFiles(join(path, name)));
}

/** SHA-256 over names and contents of everything `part` is built from. */
export function hashSources(part) {
  const hash = createHash('sha256');
  for (const path of PART_SOURCES[part].flatMap(listFiles)) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(ROOT, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

const stampPath = (part) => join(DIST, `.${part}.hash`);

/** True when dist/ holds `part` as built from sources with this hash. */
export function isBuiltFrom(part, hash) {
  return existsSync(stampPath(part)) && readFileSync(stampPath(part), 'utf8') === hash;
}

/** Those of `parts` that must be built. */
export function staleParts(parts) {
  return parts.filter((part) => !isBuiltFrom(part, hashSources(part)));
}

export function markBuilt(part, hash) {
  mkdirSync(DIST, { recursive: true });
  writeFileSync(stampPath(part), hash);
}
