import type { HttpRequest, TemplatedApp } from 'uWebSockets.js';
import type { ServerHealth } from '../ports/serverHealth.ts';
import type { Readiness } from './deps.ts';
import type { HttpDoor } from './httpDoor.ts';
import type { HeaderList, HttpExchange } from './httpExchange.ts';
import { chooseEncoding, type StaticFile } from './staticFiles.ts';

export interface PageRouteContext {
  door: HttpDoor;
  files: ReadonlyMap<string, StaticFile>;
  readiness: () => Readiness;
  health: ServerHealth;
  /** Browsers come by HTTPS: they are told to keep to it. */
  isHttps: boolean;
}

const INDEX = '/index.html';
const DOCS_INDEX = '/docs/index.html';
const INDEXES: ReadonlyMap<string, string> = new Map([
  ['/', INDEX],
  ['/docs', DOCS_INDEX],
  ['/docs/', DOCS_INDEX],
]);
const YEAR_SECONDS = 31_536_000;
/** The page runs only its own scripts and talks only to its own server. Charts set styles on their elements. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** GET /healthz, /readyz, the dashboard's files and those of /docs; everything else is 404 or 405. */
export class PageRoutes {
  readonly #context: PageRouteContext;

  constructor(context: PageRouteContext) {
    this.#context = context;
  }

  mount(app: TemplatedApp): void {
    const { door } = this.#context;
    app.get(
      '/healthz',
      door.route((http) => {
        // 200 all the same: the process lives, and starting it anew would mend nothing.
        const { degradation } = this.#context.health;
        http.json(
          '200 OK',
          degradation === null ? { status: 'ok' } : { status: 'degraded', ...degradation },
          [],
        );
      }),
    );
    app.get(
      '/readyz',
      door.route((http) => {
        const { stuckDesks, awakeDesks, ...readiness } = this.#context.readiness();
        const status = readiness.ready ? '200 OK' : '503 Service Unavailable';
        http.json(status, { ...readiness, stuck_desks: stuckDesks, awake_desks: awakeDesks }, []);
      }),
    );
    app.get(
      '/*',
      door.route((http, req) => this.#serve(http, req, true)),
    );
    app.head(
      '/*',
      door.route((http, req) => this.#serve(http, req, false)),
    );
    app.any(
      '/*',
      door.route((http) => text(http, '405 Method Not Allowed', 'method not allowed')),
    );
  }

  #serve(http: HttpExchange, req: HttpRequest, withBody: boolean): void {
    const url = req.getUrl();
    const file = this.#find(url, req.getHeader('accept'), req.getQuery());
    if (file === undefined) {
      const isBuilt = this.#context.files.size > 0;
      text(http, '404 Not Found', isBuilt ? 'not found' : 'the dashboard is not built: npm run build');
      return;
    }
    const headers = this.#headers(url, file);
    if (req.getHeader('if-none-match').includes(file.etag)) {
      http.endWithoutBody('304 Not Modified', undefined, headers);
      return;
    }
    const encoding = chooseEncoding(file, req.getHeader('accept-encoding'));
    const body = file.bodies[encoding] ?? file.bodies.identity;
    const encoded: HeaderList =
      encoding === 'identity' ? headers : [...headers, ['Content-Encoding', encoding]];
    if (withBody) http.end('200 OK', body, encoded);
    else http.endWithoutBody('200 OK', body.byteLength, encoded);
  }

  /** By exact path among what was loaded. A page's own routes, which are no files, get the page. */
  #find(url: string, accept: string, query: string): StaticFile | undefined {
    const { files } = this.#context;
    const isForPeople = accept.includes('text/html') && query !== 'raw';
    const page = isWritten(url) && isForPeople ? files.get(url.replace(/\.md$/, '.html')) : undefined;
    const exact = page ?? files.get(INDEXES.get(url) ?? url);
    if (exact !== undefined || url.startsWith('/docs/')) return exact;
    const last = url.slice(url.lastIndexOf('/') + 1);
    const isPage = !last.includes('.') && accept.includes('text/html') && !url.startsWith('/auth/');
    return isPage ? files.get(INDEX) : undefined;
  }

  #headers(url: string, file: StaticFile): HeaderList {
    const isPage = file.contentType.startsWith('text/html');
    const headers: Array<readonly [string, string]> = [
      ['Content-Type', file.contentType],
      ['ETag', file.etag],
      ['Vary', isWritten(url) ? 'Accept, Accept-Encoding' : 'Accept-Encoding'],
      ['X-Content-Type-Options', 'nosniff'],
      ['Cache-Control', file.isImmutable ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache'],
    ];
    if (isPage) {
      headers.push(
        ['Content-Security-Policy', CONTENT_SECURITY_POLICY],
        ['Referrer-Policy', 'no-referrer'],
        ['X-Frame-Options', 'DENY'],
        ['Cross-Origin-Opener-Policy', 'same-origin'],
        ['Permissions-Policy', 'camera=(), microphone=(), geolocation=()'],
      );
    }
    if (this.#context.isHttps) headers.push(['Strict-Transport-Security', `max-age=${YEAR_SECONDS}`]);
    return headers;
  }
}

/** A page of the documentation: HTML for browsers, as it was written for programs. */
const isWritten = (url: string): boolean => url.startsWith('/docs/') && url.endsWith('.md');

function text(http: HttpExchange, status: string, message: string): void {
  http.end(status, Buffer.from(`${message}\n`), [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['X-Content-Type-Options', 'nosniff'],
  ]);
}
