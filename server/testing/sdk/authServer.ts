import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { credentialsSchema, refreshRequestSchema } from '../../../shared/protocol/auth.ts';
import { sampleError } from '../sampleError.ts';

export interface AuthRequest {
  path: string;
  body: Record<string, unknown>;
  cookie: string | undefined;
}

const COOKIE = 'refresh';
const UNAUTHENTICATED = { error: sampleError('unauthenticated', 'refused') };

/** The auth routes over real HTTP: rotating refresh tokens, no grace for a predecessor. */
export class AuthServer {
  readonly #http: Server;
  readonly requests: AuthRequest[] = [];
  /** Refresh tokens that are good. */
  readonly good = new Set<string>();
  accessLifetimeS = 900;
  /** Whom tokens are issued to. */
  userId = 'user1';
  /** Answered instead of anything else. */
  outage: { status: number; body: string } | 'hang' | undefined;
  #issued = 0;
  readonly #hanging = new Set<ServerResponse>();

  private constructor(http: Server) {
    this.#http = http;
  }

  static async start(): Promise<AuthServer> {
    const http = createServer();
    const server = new AuthServer(http);
    http.on('request', (request, response) => void server.#receive(request, response));
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get issuedCount(): number {
    return this.#issued;
  }

  sent(path: string): AuthRequest[] {
    return this.requests.filter((request) => request.path === path);
  }

  async stop(): Promise<void> {
    for (const response of this.#hanging) response.destroy();
    const closed = once(this.#http, 'close');
    this.#http.close();
    this.#http.closeAllConnections();
    await closed;
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body = JSON.parse(text) as Record<string, unknown>;
    const path = request.url ?? '';
    const cookie = /refresh=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
    this.requests.push({ path, body, cookie });
    if (this.outage === 'hang') {
      this.#hanging.add(response);
      return;
    }
    if (this.outage !== undefined) {
      response.writeHead(this.outage.status).end(this.outage.body);
      return;
    }
    if (path === '/auth/login' || path === '/auth/register') {
      const credentials = credentialsSchema.parse(body);
      if (credentials.password === 'wrong') this.#answer(response, 401, UNAUTHENTICATED);
      else this.#issue(response, credentials.refresh_token_in === 'cookie');
      return;
    }
    const { refresh_token: inBody, refresh_token_in: refreshTokenIn } = refreshRequestSchema.parse(body);
    const token = refreshTokenIn === 'cookie' ? cookie : inBody;
    const known = token !== undefined && this.good.delete(token);
    if (path === '/auth/logout') response.writeHead(204).end();
    else if (known) this.#issue(response, refreshTokenIn === 'cookie');
    else this.#answer(response, 401, UNAUTHENTICATED);
  }

  #issue(response: ServerResponse, inCookie: boolean): void {
    this.#issued += 1;
    const refreshToken = `refresh${this.#issued}`;
    this.good.add(refreshToken);
    if (inCookie) response.setHeader('set-cookie', `${COOKIE}=${refreshToken}; HttpOnly; SameSite=Strict`);
    this.#answer(response, 200, {
      token_type: 'Bearer',
      access_token: `access${this.#issued}`,
      expires_in: this.accessLifetimeS,
      ...(inCookie ? {} : { refresh_token: refreshToken }),
      refresh_expires_in: 86_400,
      user_id: this.userId,
      role: 'user',
      session_id: 'session1',
      device_id: 'device1',
    });
  }

  #answer(response: ServerResponse, status: number, body: unknown): void {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }
}
