import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import type { ErrorCode, WireError } from '../../shared/protocol/errors.ts';
import { clientAddress } from './clientAddress.ts';

/** What is read of a request before the callback returns: `req` is dead afterwards. */
export interface RequestHead {
  origin: string;
  host: string;
  cookie: string;
  contentType: string;
  address: string;
}

export type HeaderList = ReadonlyArray<readonly [name: string, value: string]>;

const STATUS: Record<ErrorCode, string> = {
  bad_request: '400 Bad Request',
  unauthenticated: '401 Unauthorized',
  forbidden: '403 Forbidden',
  not_found: '404 Not Found',
  version_conflict: '409 Conflict',
  command_id_reused: '409 Conflict',
  denied: '403 Forbidden',
  exchange_rejected: '502 Bad Gateway',
  exchange_unavailable: '503 Service Unavailable',
  unknown_outcome: '502 Bad Gateway',
  unavailable: '503 Service Unavailable',
  rate_limited: '429 Too Many Requests',
  expired: '410 Gone',
  too_large: '413 Content Too Large',
  internal: '500 Internal Server Error',
};

export function readHead(res: HttpResponse, req: HttpRequest, trustedProxyHops: number): RequestHead {
  return {
    origin: req.getHeader('origin'),
    host: req.getHeader('host'),
    cookie: req.getHeader('cookie'),
    contentType: req.getHeader('content-type'),
    address: clientAddress(res.getRemoteAddress(), req.getHeader('x-forwarded-for'), trustedProxyHops),
  };
}

/** One HTTP request being answered, possibly later: an aborted one is answered no more. */
export class HttpExchange {
  private isOver = false;
  private readonly res: HttpResponse;

  constructor(res: HttpResponse) {
    this.res = res;
    res.onAborted(() => {
      this.isOver = true;
    });
  }

  /** The body; undefined: larger than `maxBytes`. Never resolves when the client goes away. */
  body(maxBytes: number): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      this.res.onData((chunk, isLast) => {
        bytes += chunk.byteLength;
        // The chunk's memory is the library's again after this callback.
        if (bytes <= maxBytes) chunks.push(Buffer.from(Buffer.from(chunk)));
        else resolve(undefined);
        if (isLast) resolve(bytes <= maxBytes ? Buffer.concat(chunks) : undefined);
      });
    });
  }

  json(status: string, value: unknown, headers: HeaderList): void {
    this.end(status, Buffer.from(JSON.stringify(value)), [
      ['Content-Type', 'application/json'],
      ['Cache-Control', 'no-store'],
      ['X-Content-Type-Options', 'nosniff'],
      ...headers,
    ]);
  }

  /** A refusal, with the status that fits its code. */
  refuse(error: WireError, headers: HeaderList): void {
    const retryAfterMs = error.details?.retryAfterMs;
    const retry: HeaderList =
      typeof retryAfterMs === 'number' ? [['Retry-After', String(Math.ceil(retryAfterMs / 1_000))]] : [];
    this.json(STATUS[error.code], { error }, [...retry, ...headers]);
  }

  end(status: string, body: Buffer, headers: HeaderList): void {
    if (this.isOver) return;
    this.isOver = true;
    this.res.cork(() => {
      this.res.writeStatus(status);
      for (const [name, value] of headers) this.res.writeHeader(name, value);
      this.res.end(body);
    });
  }

  /** Headers only, for HEAD and 304. `bytes`: the length a GET would have; undefined: none is named. */
  endWithoutBody(status: string, bytes: number | undefined, headers: HeaderList): void {
    if (this.isOver) return;
    this.isOver = true;
    this.res.cork(() => {
      this.res.writeStatus(status);
      for (const [name, value] of headers) this.res.writeHeader(name, value);
      // Given to endWithoutBody, a length makes the library end the connection as well.
      if (bytes !== undefined) this.res.writeHeader('Content-Length', String(bytes));
      this.res.endWithoutBody();
    });
  }
}
