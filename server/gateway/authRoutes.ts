import type { HttpRequest, TemplatedApp } from 'uWebSockets.js';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { z } from 'zod';
import {
  credentialsSchema,
  refreshRequestSchema,
  registrationSchema,
  type Tokens,
} from '../../shared/protocol/auth.ts';
import { badRequest, unavailable, type WireError, wireError } from '../../shared/protocol/errors.ts';
import type { Authenticator, IssuedTokens, IssueResult } from '../ports/authenticator.ts';
import type { DeskCommands } from '../ports/deskGateway.ts';
import type { Logger } from '../ports/logger.ts';
import type { AddressPresence } from './addresses.ts';
import type { HttpDoor } from './httpDoor.ts';
import { type HeaderList, type HttpExchange, type RequestHead, readHead } from './httpExchange.ts';
import { misfit } from './issueText.ts';
import type { GatewayLimits } from './limits.ts';
import type { OriginPolicy } from './originPolicy.ts';
import { clearedRefreshCookie, refreshCookie, refreshTokenOf } from './refreshCookie.ts';
import { standbyError } from './standby.ts';
import { textProblem } from './textProblem.ts';

export interface AuthRouteContext {
  logger: Logger;
  limits: GatewayLimits;
  origins: OriginPolicy;
  door: HttpDoor;
  secureCookies: boolean;
  authenticator: Authenticator;
  commands: DeskCommands;
  isStandby: () => boolean;
}

const FOREIGN_PAGE = wireError('forbidden', 'the refresh cookie is for pages of this server only', {
  needs: 'origin',
});

interface Exchange {
  http: HttpExchange;
  head: RequestHead;
  headers: HeaderList;
}

/** POST /auth/register, /auth/login, /auth/refresh, /auth/logout. */
export class AuthRoutes {
  readonly #context: AuthRouteContext;
  readonly #credentialLimiter: RateLimiterMemory;
  readonly #refreshLimiter: RateLimiterMemory;

  constructor(context: AuthRouteContext) {
    this.#context = context;
    const { credentialsPerMinute, refreshesPerMinute } = context.limits;
    this.#credentialLimiter = new RateLimiterMemory({ points: credentialsPerMinute, duration: 60 });
    this.#refreshLimiter = new RateLimiterMemory({ points: refreshesPerMinute, duration: 60 });
  }

  mount(app: TemplatedApp): void {
    const { authenticator } = this.#context;
    this.#post(app, '/auth/register', this.#credentialLimiter, registrationSchema, async (exchange, body) => {
      // A desk can only be opened by the process that has the desks.
      if (this.#context.isStandby()) return exchange.http.refuse(standbyError(), exchange.headers);
      const result = await authenticator.register({ ...body, device: body.device, code: body.code });
      if (result.ok) await this.#openDesk(result.tokens.grant.userId);
      this.#answer(exchange, result, body.refresh_token_in);
    });
    this.#post(app, '/auth/login', this.#credentialLimiter, credentialsSchema, async (exchange, body) => {
      this.#answer(
        exchange,
        await authenticator.login({ ...body, device: body.device }),
        body.refresh_token_in,
      );
    });
    this.#post(app, '/auth/refresh', this.#refreshLimiter, refreshRequestSchema, async (exchange, body) => {
      const token = this.#tokenOf(exchange, body);
      if (token !== undefined)
        this.#answer(exchange, await authenticator.refresh(token), body.refresh_token_in);
    });
    this.#post(app, '/auth/logout', this.#refreshLimiter, refreshRequestSchema, async (exchange, body) => {
      const token = this.#tokenOf(exchange, body);
      if (token === undefined) return;
      await authenticator.logout(token);
      const cleared = clearedRefreshCookie(this.#context.secureCookies);
      exchange.http.json('200 OK', { status: 'logged_out' }, [...exchange.headers, ['Set-Cookie', cleared]]);
    });
    app.options(
      '/auth/*',
      this.#context.door.route((http, req, address) => this.#preflight(http, req, address)),
    );
  }

  #post<S extends z.ZodType>(
    app: TemplatedApp,
    path: string,
    limiter: RateLimiterMemory,
    schema: S,
    handle: (exchange: Exchange, body: z.output<S>) => Promise<void>,
  ): void {
    const { door, limits, logger } = this.#context;
    const route = door.routeWithBody((http, req, address) => {
      const head = readHead(req, address);
      const headers = this.#corsHeaders(head);
      const exchange = { http, head, headers };
      const run = async (): Promise<void> => {
        if (head.contentLength > limits.httpBodyBytes) return this.#tooLarge(exchange);
        const body = await http.body(limits);
        if (body === 'too_large') return this.#tooLarge(exchange);
        if (body === 'too_slow') return this.#tooSlow(exchange);
        const refusal = this.#headRefusal(head) ?? (await limited(limiter, head.address));
        if (refusal !== undefined) return http.refuse(refusal, headers);
        const parsed = this.#parse(body, schema);
        return parsed.ok ? handle(exchange, parsed.value) : http.refuse(parsed.error, headers);
      };
      run().catch((error: unknown) => {
        logger.error({ path, error }, 'an auth request failed');
        http.refuse(unavailable('the login service cannot be reached; try again'), headers);
      });
    });
    app.post(path, route);
  }

  #tooLarge({ http, headers }: Exchange): void {
    const allowed = this.#context.limits.httpBodyBytes;
    const details = { limit: 'httpBodyBytes', actual: null, allowed: String(allowed) };
    http.refuseAndClose(wireError('too_large', `a body may have ${allowed} bytes`, details), headers);
  }

  #tooSlow({ http, headers }: Exchange): void {
    const problem = `a body must come within ${this.#context.limits.httpBodyMs / 1_000} s`;
    http.refuseAndClose(badRequest('', problem), headers, '408 Request Timeout');
  }

  #headRefusal(head: RequestHead): WireError | undefined {
    if (!this.#context.origins.admits(head)) {
      return wireError('forbidden', 'this origin is not allowed', { needs: 'origin' });
    }
    // No form of another site can send this type, whatever the browser adds by itself.
    if (/^application\/json\b/i.test(head.contentType)) return undefined;
    return badRequest('', 'the body must be application/json', ['application/json']);
  }

  #parse<S extends z.ZodType>(
    body: Buffer,
    schema: S,
  ): { ok: true; value: z.output<S> } | { ok: false; error: WireError } {
    const text = body.toString('utf8');
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return { ok: false, error: badRequest('', 'the body is not JSON') };
    }
    const unfit = textProblem(text, json);
    if (unfit !== undefined) return { ok: false, error: unfit };
    const parsed = schema.safeParse(json);
    if (parsed.success) return { ok: true, value: parsed.data };
    return { ok: false, error: misfit(parsed.error, schema, '') };
  }

  /** The refresh token of a request, by the way it says; undefined: it was refused. */
  #tokenOf(exchange: Exchange, body: z.output<typeof refreshRequestSchema>): string | undefined {
    const { http, head, headers } = exchange;
    if (body.refresh_token_in === 'body') {
      if (body.refresh_token !== undefined) return body.refresh_token;
      http.refuse(badRequest('refresh_token', 'required, or refresh_token_in "cookie"'), headers);
      return undefined;
    }
    if (!this.#context.origins.isSame(head)) {
      http.refuse(FOREIGN_PAGE, headers);
      return undefined;
    }
    const token = refreshTokenOf(head.cookie);
    if (token === undefined) {
      http.refuse(
        wireError('unauthenticated', 'there is no refresh cookie; log in', { reason: 'missing' }),
        headers,
      );
    }
    return token;
  }

  #answer(exchange: Exchange, result: IssueResult, refreshTokenIn: 'body' | 'cookie'): void {
    const { http, head, headers } = exchange;
    if (!result.ok) {
      http.refuse(result.error, headers);
      return;
    }
    const { secureCookies, origins } = this.#context;
    const tokens = describe(result.tokens);
    if (refreshTokenIn === 'body') {
      http.json('200 OK', { ...tokens, refresh_token: result.tokens.refreshToken }, headers);
      return;
    }
    if (head.origin !== '' && !origins.isSame(head)) {
      http.refuse(FOREIGN_PAGE, headers);
      return;
    }
    const cookie = refreshCookie(result.tokens.refreshToken, tokens.refresh_expires_in, secureCookies);
    http.json('200 OK', tokens, [...headers, ['Set-Cookie', cookie]]);
  }

  /** For pages of other origins in the list; they get no cookies. */
  #corsHeaders(head: RequestHead): HeaderList {
    if (!this.#context.origins.isListed(head.origin)) return [['Vary', 'Origin']];
    return [
      ['Vary', 'Origin'],
      ['Access-Control-Allow-Origin', head.origin],
    ];
  }

  #preflight(http: HttpExchange, req: HttpRequest, address: AddressPresence): void {
    const head = readHead(req, address);
    if (!this.#context.origins.isListed(head.origin)) {
      http.endWithoutBody('403 Forbidden', 0, [['Vary', 'Origin']]);
      return;
    }
    http.endWithoutBody('204 No Content', undefined, [
      ...this.#corsHeaders(head),
      ['Access-Control-Allow-Methods', 'POST'],
      ['Access-Control-Allow-Headers', 'Content-Type'],
      ['Access-Control-Max-Age', '600'],
    ]);
  }

  /** A new user finds a desk at the first look. Where that fails now, the first socket asks again. */
  async #openDesk(userId: string): Promise<void> {
    try {
      await this.#context.commands.open(userId);
    } catch (error) {
      this.#context.logger.warn({ userId, error }, 'the desk of a new user could not be opened yet');
    }
  }
}

async function limited(limiter: RateLimiterMemory, address: string): Promise<WireError | undefined> {
  try {
    await limiter.consume(address);
    return undefined;
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    const retryAfterMs = refused.msBeforeNext;
    const message = `too many attempts from this address; try again in ${Math.ceil(retryAfterMs / 1_000)} s`;
    const limit = 'attempts per address and minute';
    const [actual, allowed] = [String(refused.consumedPoints), String(limiter.points)];
    return wireError('rate_limited', message, { limit, actual, allowed, retryAfterMs });
  }
}

function describe(tokens: IssuedTokens): Omit<Tokens, 'refresh_token'> {
  const { grant } = tokens;
  return {
    token_type: 'Bearer',
    access_token: tokens.accessToken,
    expires_in: Math.floor(tokens.accessLifetimeMs / 1_000),
    refresh_expires_in: Math.floor(tokens.refreshLifetimeMs / 1_000),
    user_id: grant.userId,
    role: grant.role,
    session_id: grant.sessionId,
    device_id: grant.deviceId,
  };
}
