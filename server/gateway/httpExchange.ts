import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import type { ErrorCode, WireError } from '../../shared/protocol/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { AddressPresence } from './addresses.ts';
import type { GatewayLimits } from './limits.ts';
import { type OriginHeaders, originHeaders } from './originPolicy.ts';

/** What is read of a request before the callback returns: `req` is dead afterwards. */
export interface RequestHead extends OriginHeaders {
  cookie: string;
  contentType: string;
  address: string;
  /** -1: the request does not say. */
  contentLength: number;
}

export type HeaderList = ReadonlyArray<readonly [name: string, value: string]>;

export const HTTP_STATUS: Record<ErrorCode, string> = {
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

export function readHead(req: HttpRequest, { address }: AddressPresence): RequestHead {
  const length = req.getHeader('content-length');
  return {
    ...originHeaders(req),
    cookie: req.getHeader('cookie'),
    contentType: req.getHeader('content-type'),
    address,
    contentLength: /^\d{1,15}$/.test(length) ? Number(length) : -1,
  };
}

export interface HttpExchangeContext {
  /** Pays for what it is sent. */
  address: AddressPresence;
  bytesPerToken: number;
  clock: Clock;
  logger: Logger;
}

type BodyLimits = Pick<GatewayLimits, 'httpBodyBytes' | 'httpBodyPieces' | 'httpBodyMs'>;

/** One HTTP request being answered, possibly later: an aborted one is answered no more. */
export class HttpExchange {
  #isOver = false;
  readonly #res: HttpResponse;
  readonly #context: HttpExchangeContext;

  constructor(res: HttpResponse, context: HttpExchangeContext) {
    this.#res = res;
    this.#context = context;
    res.onAborted(() => {
      this.#isOver = true;
    });
  }

  /** The body, unless it is larger or takes longer; then nothing more is read. Who has gone away counts as slow. */
  body({
    httpBodyBytes,
    httpBodyPieces,
    httpBodyMs,
  }: BodyLimits): Promise<Buffer | 'too_large' | 'too_slow'> {
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      let pieces = 0;
      const cancel = this.#context.clock.after(httpBodyMs, () => resolve('too_slow'));
      this.#res.onData((chunk, isLast) => {
        bytes += chunk.byteLength;
        pieces += 1;
        if (bytes > httpBodyBytes || pieces > httpBodyPieces) {
          chunks.length = 0;
          cancel();
          // What comes until the refusal is out is dropped here; with it the connection ends.
          resolve('too_large');
          // Thousands of pieces may be in one read, and each comes here: only closing spares the others that.
          if (pieces > httpBodyPieces) this.#res.close();
          return;
        }
        // The chunk's memory is the library's again after this callback.
        chunks.push(Buffer.from(Buffer.from(chunk)));
        if (!isLast) return;
        cancel();
        resolve(Buffer.concat(chunks));
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
    this.json(HTTP_STATUS[error.code], { error }, [...retryAfter(error), ...headers]);
  }

  /**
   * A refusal after which nothing more is read of this connection. It goes out in the next turn of the loop: the
   * library forgets that it is to close when the same read holds another request, unless this one is unanswered; then
   * it closes at once.
   */
  refuseAndClose(error: WireError, headers: HeaderList = [], status = HTTP_STATUS[error.code]): void {
    const body = Buffer.from(JSON.stringify({ error }));
    const type = [['Content-Type', 'application/json']] as const;
    const all = [...type, ...retryAfter(error), ...headers];
    setImmediate(() => this.#write(status, body, all, true));
  }

  end(status: string, body: Buffer, headers: HeaderList): void {
    this.#write(status, body, headers, false);
  }

  /** Headers only, for HEAD and 304. `bytes`: the length a GET would have; undefined: none is named. */
  endWithoutBody(status: string, bytes: number | undefined, headers: HeaderList): void {
    this.#answer(status, headers, () => {
      // Given to endWithoutBody, a length makes the library end the connection as well.
      if (bytes !== undefined) this.#res.writeHeader('Content-Length', String(bytes));
      this.#res.endWithoutBody();
    });
  }

  #write(status: string, body: Buffer, headers: HeaderList, isLast: boolean): void {
    this.#context.address.http.take(body.byteLength / this.#context.bytesPerToken);
    this.#answer(status, headers, () => this.#res.end(body, isLast));
  }

  /** An answer that cannot be given, for whatever reason, costs this connection and no other. */
  #answer(status: string, headers: HeaderList, finish: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#res.cork(() => {
      try {
        this.#res.writeStatus(status);
        for (const [name, value] of headers) this.#res.writeHeader(name, value);
        finish();
      } catch (error) {
        this.#context.logger.error({ error }, 'a response could not be written');
        this.#res.close();
      }
    });
  }
}

function retryAfter(error: WireError): HeaderList {
  if (!('retryAfterMs' in error.details)) return [];
  return [['Retry-After', String(Math.ceil(error.details.retryAfterMs / 1_000))]];
}
