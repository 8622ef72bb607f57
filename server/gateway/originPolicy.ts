import type { HttpRequest } from 'uWebSockets.js';
import { headerList } from './headerLines.ts';

/** Of a request: where its page came from, and where it went. */
export interface OriginHeaders {
  origin: string;
  host: string;
  /** X-Forwarded-Proto, all lines of it. */
  forwardedProto: string;
}

/** Whose pages may talk to us: the same list guards the auth routes and the upgrade. */
export class OriginPolicy {
  readonly #allowed: ReadonlySet<string>;
  readonly #scheme: { isHttps: boolean; isBehindProxy: boolean };

  /** `isHttps`: what browsers use to come here, where no trusted proxy tells. */
  constructor(allowedOrigins: readonly string[], scheme: { isHttps: boolean; isBehindProxy: boolean }) {
    this.#allowed = new Set(allowedOrigins.map((origin) => origin.toLowerCase().replace(/\/$/, '')));
    this.#scheme = scheme;
  }

  /** Programs send no Origin; a page must come from our own origin or from the list. */
  admits(headers: OriginHeaders): boolean {
    return headers.origin === '' || this.isSame(headers) || this.isListed(headers.origin);
  }

  isListed(origin: string): boolean {
    return this.#allowed.has(origin.toLowerCase());
  }

  /** By scheme, host and port: a page that came by http may have been written by anybody on the way. */
  isSame({ origin, host, forwardedProto }: OriginHeaders): boolean {
    return (
      host !== '' && origin.toLowerCase() === `${this.#schemeOf(forwardedProto)}://${host.toLowerCase()}`
    );
  }

  #schemeOf(forwardedProto: string): string {
    const { isHttps, isBehindProxy } = this.#scheme;
    // The proxy next to us wrote the last entry.
    const told = isBehindProxy ? (forwardedProto.split(',').at(-1)?.trim().toLowerCase() ?? '') : '';
    if (told === 'http' || told === 'https') return told;
    return isHttps ? 'https' : 'http';
  }
}

export function originHeaders(req: Pick<HttpRequest, 'getHeader' | 'forEach'>): OriginHeaders {
  return {
    origin: req.getHeader('origin'),
    host: req.getHeader('host'),
    forwardedProto: headerList(req, 'x-forwarded-proto'),
  };
}
