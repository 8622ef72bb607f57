import type { WebSocket } from 'ws';
import type { WebSocketFactory } from '../../../shared/sdk/webSocket.ts';
import { overheard } from '../overheard.ts';

type Message = Record<string, unknown>;

/** A request over a socket and its reply, as they were sent. */
export interface Exchange {
  request: Message;
  reply: Message;
}

/** A request over HTTP and its answer. */
export interface HttpExchange {
  /** Such as `POST /auth/login`. */
  route: string;
  body: unknown;
  status: number;
  answer: unknown;
}

/** What went over the sockets and HTTP of a test, for holding against the schemas and for the examples in docs/. */
export class Exchanges {
  readonly exchanged: Exchange[] = [];
  readonly pushed: Message[] = [];
  readonly http: HttpExchange[] = [];

  /** Sockets of this factory are listened to. */
  tap(factory: WebSocketFactory): WebSocketFactory {
    return overheard(factory, () => this.#line());
  }

  /** As `tap`, for a bare socket. */
  listen(socket: WebSocket): void {
    const line = this.#line();
    const send = socket.send.bind(socket) as (data: string) => void;
    socket.send = (data: unknown) => {
      if (typeof data === 'string') line.sent(data);
      send(data as string);
    };
    socket.on('message', (data) => line.received(String(data)));
  }

  /** A request over HTTP. `body`: sent as JSON. */
  async ask(method: 'GET' | 'POST', url: string, body?: object): Promise<HttpExchange> {
    const response = await fetch(url, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    const answer: unknown = isJson ? JSON.parse(text) : text;
    const route = `${method} ${new URL(url).pathname}`;
    const exchange = { route, body: body ?? null, status: response.status, answer };
    this.http.push(exchange);
    return exchange;
  }

  /** One connection: ids are unique within it only. */
  #line(): { sent(text: string): void; received(text: string): void } {
    const waiting = new Map<unknown, Message>();
    return {
      sent: (text) => {
        const request = parsed(text);
        if (request !== undefined) waiting.set(request.id, request);
      },
      received: (text) => {
        const message = parsed(text);
        if (message === undefined) return;
        if (!('id' in message)) {
          this.pushed.push(message);
          return;
        }
        const request = waiting.get(message.id);
        waiting.delete(message.id);
        if (request !== undefined) this.exchanged.push({ request, reply: message });
      },
    };
  }
}

/** Undefined: no JSON object; bad input is sent on purpose. */
function parsed(text: string): Message | undefined {
  try {
    return JSON.parse(text) as Message;
  } catch {
    return undefined;
  }
}
