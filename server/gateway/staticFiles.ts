import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

export type Encoding = 'br' | 'gzip' | 'identity';

export interface StaticFile {
  contentType: string;
  /** Its name holds a hash of its content: it never changes. */
  isImmutable: boolean;
  etag: string;
  bodies: Partial<Record<Encoding, Buffer>> & { identity: Buffer };
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  // Shown by browsers, not downloaded, where there is no page made of it.
  '.md': 'text/plain; charset=utf-8',
};
const COMPRESSED = new Set(['.html', '.js', '.css', '.json', '.webmanifest', '.svg', '.txt', '.md']);
/** Smaller ones gain nothing. */
const COMPRESS_FROM_BYTES = 512;
/** Good and fast; the build's own `.br` and `.gz` files are better and are taken where they are. */
const BROTLI_QUALITY = 5;
const HASHED_NAME = /[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+$/;

/**
 * The files of a folder by URL path below `prefix`, read once: nothing a request says ever reaches the file system.
 * `only`: of what is there, by extension.
 */
export function loadStaticFiles(
  folder: string,
  prefix = '',
  only?: ReadonlySet<string>,
): ReadonlyMap<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  if (!existsSync(folder)) return files;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const extension = extname(entry.name);
    if (!entry.isFile() || extension === '.br' || extension === '.gz' || extension === '.map') continue;
    if (only !== undefined && !only.has(extension)) continue;
    files.set(`${prefix}/${relative(folder, path).split(sep).join('/')}`, loadFile(path, extension));
  }
  return files;
}

function loadFile(path: string, extension: string): StaticFile {
  const identity = readFileSync(path);
  const file: StaticFile = {
    contentType: TYPES[extension] ?? 'application/octet-stream',
    isImmutable: path.includes(`${sep}assets${sep}`) && HASHED_NAME.test(path),
    etag: `"${createHash('sha256').update(identity).digest('base64url').slice(0, 22)}"`,
    bodies: { identity },
  };
  if (!COMPRESSED.has(extension) || identity.byteLength < COMPRESS_FROM_BYTES) return file;
  file.bodies = compressible(identity, builtBeside(path, '.gz'), builtBeside(path, '.br'));
  return file;
}

function builtBeside(path: string, suffix: string): Buffer | undefined {
  return existsSync(`${path}${suffix}`) ? readFileSync(`${path}${suffix}`) : undefined;
}

/** What was not compressed at the build is when it is first asked for, once: a start must not wait for it. */
function compressible(identity: Buffer, gzip?: Buffer, br?: Buffer): StaticFile['bodies'] {
  return {
    identity,
    get gzip() {
      gzip ??= gzipSync(identity);
      return gzip;
    },
    get br() {
      br ??= brotli(identity);
      return br;
    },
  };
}

function brotli(content: Buffer): Buffer {
  return brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } });
}

/** The best encoding that both sides have. */
export function chooseEncoding(file: StaticFile, acceptEncoding: string): Encoding {
  const accepted = acceptEncoding.split(',').flatMap((entry) => {
    const [name = '', ...params] = entry.split(';').map((part) => part.trim().toLowerCase());
    return params.some((param) => /^q=0(\.0*)?$/.test(param)) ? [] : [name];
  });
  if (file.bodies.br !== undefined && accepted.includes('br')) return 'br';
  if (file.bodies.gzip !== undefined && accepted.includes('gzip')) return 'gzip';
  return 'identity';
}
