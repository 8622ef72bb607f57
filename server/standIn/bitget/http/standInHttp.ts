import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../../../ports/clock.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { Refused } from '../exchange/refusal.ts';
import { authenticate } from './authenticate.ts';
import { familyOf, Params, type Route } from './call.ts';
import { codeOf } from './codes.ts';
import { Failure } from './failure.ts';
import { edit, type Fault, Faults, omit, withList } from './faults.ts';
import { Limits } from './limits.ts';

const HTML = '<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>';
const MAX_BODY = 1_000_000;

export interface HttpOptions {
  exchange: Exchange;
  clock: Clock;
  routes: readonly Route[];
}

interface Arrived {
  method: string;
  path: string;
  target: string;
  query: URLSearchParams;
  body: string;
  address: string;
}

/** The REST side of the stand-in. */
export class StandInHttp {
  readonly server: Server;
  readonly faults = new Faults();
  readonly limits: Limits;
  /** While it stands, every private request is answered with this code, and with `all` every request. */
  maintenance: { code: string; all: boolean } | null = null;
  /** While it does not listen, connections are cut as they come. */
  isUp = true;
  /** Takes what is not of the exchange: the hand of whoever develops against it. */
  door: { path: string; take: (body: string) => unknown } | undefined;
  readonly #options: HttpOptions;
  readonly #routes: ReadonlyMap<string, Route>;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#routes = new Map(options.routes.map((route) => [`${route.method} ${route.path}`, route]));
    this.limits = new Limits(() => options.exchange.now());
    this.server = createServer((request, response) => {
      this.#serve(request, response).catch(() => request.socket.destroy());
    });
    this.server.on('connection', (socket) => {
      if (!this.isUp) socket.destroy();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrived = await read(request);
    if (this.door !== undefined && arrived.path === this.door.path) {
      send(response, 200, { data: this.door.take(arrived.body) ?? null });
      return;
    }
    if (!this.isUp) {
      request.socket.destroy();
      return;
    }
    const key = request.headers['access-key'];
    const fault = this.faults.take(arrived.method, arrived.path, typeof key === 'string' ? key : undefined);
    if (fault?.kind === 'delay' && fault.carriedOut !== true) await this.#pause(fault.ms);
    if (fault !== undefined && this.#hides(fault) && fault.carriedOut !== true) {
      this.#fail(fault, request, response);
      return;
    }
    const answer = this.#answer(arrived, request);
    if (fault !== undefined && this.#hides(fault)) {
      this.#fail(fault, request, response);
      return;
    }
    if (fault?.kind === 'delay' && fault.carriedOut === true) await this.#pause(fault.ms);
    if (fault?.kind === 'edit') answer.data = edit(answer.data, fault.change, fault.entry);
    if (fault?.kind === 'nullList') answer.data = withList(answer.data, () => null);
    if (fault?.kind === 'omit') answer.data = withList(answer.data, (list) => omit(list, fault.entry));
    const { status, ...envelope } = answer;
    send(response, status, { ...envelope, requestTime: this.#options.exchange.now() });
  }

  #answer(arrived: Arrived, request: IncomingMessage): Answer {
    try {
      return { status: 200, code: '00000', msg: 'success', data: this.#run(arrived, request) };
    } catch (error) {
      if (error instanceof Failure)
        return { status: error.status, code: error.code, msg: error.message, data: null };
      if (error instanceof Refused)
        return {
          status: this.#options.exchange.switches.refusedWith,
          code: codeOf(familyOf(arrived.path), error),
          msg: error.message,
          data: null,
        };
      throw error;
    }
  }

  #run(arrived: Arrived, request: IncomingMessage): unknown {
    const { exchange } = this.#options;
    const { method, path, target, body, address } = arrived;
    if (!this.limits.takesAddress(address)) throw new Failure('429', 'Too Many Requests', 429);
    const route = this.#routes.get(`${method} ${path}`);
    if (this.maintenance?.all === true)
      throw new Failure(this.maintenance.code, 'System is being maintained');
    if (route === undefined) throw new Failure('40404', 'Request URL NOT FOUND', 404);
    const params = new Params(method === 'GET' ? Object.fromEntries(arrived.query) : parse(body));
    const { perSecond } = route;
    if (route.access === 'public') {
      if (!this.limits.takes({ path, perSecond, uid: undefined, address }))
        throw new Failure('429', 'Too Many Requests', 429);
      return route.run({ exchange, params });
    }
    const user = authenticate(exchange, { route, target, body, headers: request.headers, address });
    if (!this.limits.takes({ path, perSecond, uid: user.uid, address }))
      throw new Failure('429', 'Too Many Requests', 429);
    if (this.maintenance !== null) throw new Failure(this.maintenance.code, 'System is being maintained');
    return route.run({ exchange, params, user });
  }

  #hides({ kind }: Fault): boolean {
    return kind === 'html' || kind === 'empty' || kind === 'cut' || kind === 'silence' || kind === 'code';
  }

  #fail(fault: Fault, request: IncomingMessage, response: ServerResponse): void {
    if (fault.kind === 'cut') request.socket.destroy();
    else if (fault.kind === 'html') response.writeHead(200, { 'content-type': 'text/html' }).end(HTML);
    else if (fault.kind === 'empty') response.writeHead(200, { 'content-type': 'application/json' }).end();
    else if (fault.kind === 'code') {
      const requestTime = this.#options.exchange.now();
      send(response, fault.status ?? 400, { code: fault.code, msg: 'scripted', requestTime, data: null });
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(ms, resolve));
  }
}

interface Answer {
  status: number;
  code: string;
  msg: string;
  data: unknown;
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function parse(body: string): Record<string, unknown> {
  if (body === '') return {};
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Told below, like anything else that is no object.
  }
  throw new Failure('40017', 'Parameter verification failed: the body is no JSON object');
}

async function read(request: IncomingMessage): Promise<Arrived> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    const piece = part as Buffer;
    size += piece.length;
    if (size > MAX_BODY) throw new Error('the body is too long');
    parts.push(piece);
  }
  const target = request.url ?? '/';
  const url = new URL(target, 'http://stand-in');
  return {
    ...{ method: request.method ?? 'GET', path: url.pathname, target, query: url.searchParams },
    body: Buffer.concat(parts).toString('utf8'),
    address: addressOf(request),
  };
}

export const addressOf = ({ socket }: IncomingMessage): string =>
  (socket.remoteAddress ?? '').replace(/^::ffff:/, '').replace(/^::1$/, '127.0.0.1');
