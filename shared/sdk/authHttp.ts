import { httpErrorSchema, type Tokens, tokensSchema } from '../protocol/auth.ts';
import { badRequest, unavailable, type WireError, wireError } from '../protocol/errors.ts';
import type { SdkClock } from './clock.ts';
import { FillwireError } from './fillwireError.ts';
import { SDK_LIMITS } from './limits.ts';

type AuthRoute = 'register' | 'login' | 'refresh' | 'logout';

export interface AuthHttpOptions {
  /** The server's http(s) origin. */
  url: string;
  fetch: typeof fetch;
  clock: SdkClock;
  /** Send and take the refresh cookie. */
  cookies: boolean;
}

/** The four POSTs of a session. Rejects with a FillwireError; its message never holds a token. */
export class AuthHttp {
  readonly #options: AuthHttpOptions;
  constructor(options: AuthHttpOptions) {
    this.#options = options;
  }

  async tokens(route: AuthRoute, body: object): Promise<Tokens> {
    const answer = tokensSchema.safeParse(await this.post(route, body));
    if (answer.success) return answer.data;
    throw new FillwireError(wireError('internal', `the answer to /auth/${route} is not as agreed`, {}));
  }

  async post(route: AuthRoute, body: object): Promise<unknown> {
    const { clock, cookies, url } = this.#options;
    const abort = new AbortController();
    const cancelTimeout = clock.after(SDK_LIMITS.httpTimeoutMs, () => abort.abort());
    try {
      const response = await this.#options.fetch(new URL(`/auth/${route}`, url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        credentials: cookies ? 'same-origin' : 'omit',
        signal: abort.signal,
      });
      const text = await response.text();
      if (response.ok) return parseJson(text);
      throw new FillwireError(errorOf(response.status, parseJson(text)));
    } catch (error) {
      if (error instanceof FillwireError) throw error;
      const why = abort.signal.aborted
        ? `no answer in ${SDK_LIMITS.httpTimeoutMs} ms`
        : 'the server cannot be reached';
      throw new FillwireError(unavailable(why));
    } finally {
      cancelTimeout();
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function errorOf(status: number, body: unknown): WireError {
  const told = httpErrorSchema.safeParse(body);
  // A proxy in between answers in its own words, and another version maybe in others; then the status decides.
  return told.success ? told.data.error : errorOfStatus(status);
}

const FIRST_SERVER_ERROR = 500;
/** Where a 429 does not say when to come back. */
const TOO_MANY_RETRY_MS = 10_000;

function errorOfStatus(status: number): WireError {
  const message = `the server answered ${status}`;
  if (status === 401) return wireError('unauthenticated', message, { reason: 'invalid' });
  if (status === 403) return wireError('forbidden', message, { needs: null });
  if (status === 413)
    return wireError('too_large', message, { limit: 'body', actual: null, allowed: 'less' });
  if (status === 429) {
    const bound = { limit: 'requests', actual: null, allowed: 'fewer' };
    return wireError('rate_limited', message, { ...bound, retryAfterMs: TOO_MANY_RETRY_MS });
  }
  return status >= FIRST_SERVER_ERROR ? unavailable(message) : badRequest('', message);
}
