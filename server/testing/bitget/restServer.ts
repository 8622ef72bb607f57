import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KeyParts } from '../../adapters/bitget/errors/bitgetKeys.ts';

export interface SeenRequest {
  method: string;
  path: string;
  query: Record<string, string>;
  body: Record<string, unknown>;
  headers: IncomingMessage['headers'];
}

/** What a request is answered with: data, a code of the exchange, bare text, or a broken connection. */
export type Reply =
  | { data: unknown }
  | { code: string; status?: number; msg?: string }
  | { text: string; status?: number }
  | 'reset'
  | 'never';

export interface RestServer {
  url: string;
  requests: SeenRequest[];
  stop(): Promise<void>;
}

export interface RestServerOptions {
  /** Signatures are checked against it, with the window of 30 s. */
  keys: KeyParts;
  now(): number;
  reply(request: SeenRequest): Reply;
}

const WINDOW_MS = 30_000;

/** The exchange's REST side with a hand on every answer. */
export async function startRestServer(options: RestServerOptions): Promise<RestServer> {
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const url = new URL(request.url ?? '/', 'http://x');
      const seen: SeenRequest = {
        method: request.method ?? '',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
        headers: request.headers,
      };
      requests.push(seen);
      const reply = refusalOf(options, request, text) ?? options.reply(seen);
      if (reply === 'never') return;
      if (reply === 'reset') {
        request.socket.destroy();
        return;
      }
      const told = 'text' in reply ? reply.text : JSON.stringify(envelopeOf(reply, options.now()));
      const failed = 'code' in reply ? 400 : 200;
      response.writeHead(('status' in reply ? reply.status : undefined) ?? failed);
      response.end(told);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, requests, stop: () => stopServer(server) };
}

function envelopeOf(reply: { data: unknown } | { code: string; msg?: string }, now: number): object {
  return 'data' in reply
    ? { code: '00000', msg: 'success', requestTime: now, data: reply.data }
    : { code: reply.code, msg: reply.msg ?? 'a text', requestTime: now, data: null };
}

function refusalOf(
  { keys, now }: RestServerOptions,
  request: IncomingMessage,
  body: string,
): Reply | undefined {
  const { headers, method, url } = request;
  if (headers['access-key'] === undefined) return undefined;
  if (headers['access-key'] !== keys.apiKey) return { code: '40006' };
  if (headers['access-passphrase'] !== keys.passphrase) return { code: '40012' };
  const ts = String(headers['access-timestamp']);
  const sign = createHmac('sha256', keys.secret).update(`${ts}${method}${url}${body}`).digest('base64');
  if (headers['access-sign'] !== sign) return { code: '40009' };
  return Math.abs(Number(ts) - now()) > WINDOW_MS ? { code: '40008' } : undefined;
}

function stopServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => void server.close(() => resolve()));
}
