import { createHmac } from 'node:crypto';
import { WebSocket } from 'ws';

export interface Keys {
  apiKey: string;
  secret: string;
  passphrase: string;
}

/** The keys that the stand-in gives a user who asked for none. */
export const keysOf = (apiKey: string): Keys => ({
  apiKey,
  secret: `secret-of-${apiKey}`,
  passphrase: 'passphrase',
});

export interface Answered {
  status: number;
  code: string;
  data: unknown;
  /** As it came. */
  text: string;
}

export const sign = (secret: string, text: string): string =>
  createHmac('sha256', secret).update(text).digest('base64');

export interface CallOptions {
  keys?: Keys;
  method?: 'GET' | 'POST';
  params?: Record<string, unknown>;
  /** Instead of now. */
  timestamp?: number | string;
  headers?: Record<string, string>;
}

/** A call as the exchange's pages describe it, by nobody's library. */
export async function call(url: string, path: string, options: CallOptions = {}): Promise<Answered> {
  const { method = 'GET', params = {}, keys } = options;
  const query = new URLSearchParams(params as Record<string, string>).toString();
  const target = method === 'GET' && query !== '' ? `${path}?${query}` : path;
  const body = method === 'POST' ? JSON.stringify(params) : '';
  const timestamp = String(options.timestamp ?? Date.now());
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (keys !== undefined) {
    headers['ACCESS-KEY'] = keys.apiKey;
    headers['ACCESS-SIGN'] = sign(keys.secret, timestamp + method + target + body);
    headers['ACCESS-TIMESTAMP'] = timestamp;
    headers['ACCESS-PASSPHRASE'] = keys.passphrase;
    headers.paptrading = '1';
  }
  const response = await fetch(url + target, {
    method,
    headers: { ...headers, ...options.headers },
    ...(method === 'POST' ? { body } : {}),
  });
  const text = await response.text();
  const answer = parsed(text);
  return { status: response.status, code: String(answer.code), data: answer.data, text };
}

function parsed(text: string): { code?: unknown; data?: unknown } {
  try {
    return JSON.parse(text) as { code?: unknown; data?: unknown };
  } catch {
    return {};
  }
}

/** A socket and all that came of it. */
export interface SocketLog {
  socket: WebSocket;
  heard: Record<string, unknown>[];
  texts: string[];
  isClosed: () => boolean;
  say(message: object | string): void;
  login(keys: Keys, timestamp?: string): void;
}

export async function openSocket(url: string): Promise<SocketLog> {
  const socket = new WebSocket(url);
  const heard: Record<string, unknown>[] = [];
  const texts: string[] = [];
  let closed = false;
  socket.on('message', (data) => {
    const text = String(data);
    texts.push(text);
    if (text.startsWith('{')) heard.push(JSON.parse(text) as Record<string, unknown>);
  });
  socket.on('close', () => {
    closed = true;
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const say = (message: object | string): void =>
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  return {
    ...{ socket, heard, texts, say },
    isClosed: () => closed,
    login: ({ apiKey, secret, passphrase }, timestamp = String(Math.floor(Date.now() / 1_000))) =>
      say({
        op: 'login',
        args: [{ apiKey, passphrase, timestamp, sign: sign(secret, `${timestamp}GET/user/verify`) }],
      }),
  };
}
