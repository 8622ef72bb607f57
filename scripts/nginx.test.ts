import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { mostUnread } from '../server/testing/mostUnread.ts';
import { waitFor } from '../server/testing/patience.ts';
import { portToKeep } from '../server/testing/sockets.ts';

// nginx with our configuration before a stand-in that tells what reached it.
const NGINX = '/usr/sbin/nginx';
const HOST = 'trade.example.org';
const ours = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../docker/nginx/${name}`, import.meta.url)), 'utf8');

const folder = mkdtempSync(join(tmpdir(), 'fillwire-nginx-'));
const upstream = createServer((request, response) => {
  response.end(JSON.stringify({ url: request.url, headers: request.headers }));
});
const sockets = new WebSocketServer({ server: upstream, path: '/ws' });
sockets.on('connection', (socket) =>
  socket.on('message', (message, isBinary) => {
    if (!isBinary) socket.send(`echo ${message}`);
  }),
);
const ports = { http: 0, https: 0, upstream: 0 };
let nginx: ReturnType<typeof spawn> | undefined;

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

/** What nginx's image does with the template, with ports and paths of this test. */
function configuration(): string {
  return ours('fillwire.conf.template')
    .replaceAll(/\$\{PUBLIC_HOST\}/g, HOST)
    .replaceAll('/etc/nginx/certificates', folder)
    .replace('server server:8710;', `server 127.0.0.1:${ports.upstream};`)
    .replace(/^ *listen \[::\].*$/gm, '')
    .replace('listen 80 ', `listen 127.0.0.1:${ports.http} `)
    .replace('listen 443 ', `listen 127.0.0.1:${ports.https} `);
}

/** The file of the whole nginx, for this machine and this user. */
function nginxConfiguration(temporary: readonly string[]): string {
  const replaced: [from: RegExp, to: string][] = [
    [/^user nginx;$/m, 'daemon off; master_process off;'],
    [/\/var\/log\/nginx\/error\.log notice/, join(folder, 'error.log')],
    [/\/run\/nginx\.pid/, join(folder, 'pid')],
    [/access_log .*;/, 'access_log off;'],
    [/include .*mime\.types;/, temporary.join(' ')],
    [/include .*conf\.d.*;/, configuration()],
  ];
  return replaced.reduce((text, [from, to]) => {
    expect(text).toMatch(from);
    return text.replace(from, () => to);
  }, ours('nginx.conf'));
}

function openSocket(localAddress = '127.0.0.1'): Promise<WebSocket> {
  const socket = new WebSocket(`wss://127.0.0.1:${ports.https}/ws`, {
    localAddress,
    rejectUnauthorized: false,
    headers: { host: HOST },
  });
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(socket));
    socket.on('error', reject);
  });
}

/** What `text` is answered with. */
function echoOf(socket: WebSocket, text: string): Promise<string> {
  const answer = new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))));
  socket.send(text);
  return answer;
}

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

function get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: ports.https,
      path,
      headers: { host: HOST, ...headers },
      rejectUnauthorized: false,
    };
    httpsRequest(options, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    })
      .on('error', reject)
      .end();
  });
}

describe.skipIf(!existsSync(NGINX))('nginx in front', () => {
  beforeAll(async () => {
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    ports.upstream = (upstream.address() as AddressInfo).port;
    ports.http = await portToKeep();
    ports.https = await portToKeep();
    const key = ['-keyout', join(folder, 'privkey.pem'), '-out', join(folder, 'fullchain.pem')];
    const certificate = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${HOST}`,
      ...key,
    ];
    execFileSync('openssl', certificate, { stdio: 'ignore' });
    mkdirSync(join(folder, 'temp'));
    const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (kind) => `${kind}_temp_path ${folder}/temp/${kind};`,
    );
    writeFileSync(join(folder, 'nginx.conf'), nginxConfiguration(temp));
    nginx = spawn(NGINX, ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
    await waitFor(async () => expect(await isOpen(ports.https)).toBe(true));
  });

  afterAll(async () => {
    nginx?.kill('SIGTERM');
    for (const socket of sockets.clients) socket.terminate();
    await new Promise((resolve) => upstream.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  test('[PROXY-1] R8: plain HTTP is redirected to HTTPS, method kept', async () => {
    const response = await fetch(`http://127.0.0.1:${ports.http}/bots?x=1`, {
      method: 'POST',
      redirect: 'manual',
    });
    expect(response.status).toBe(308);
    expect(response.headers.get('location')).toBe(`https://${HOST}/bots?x=1`);
  });

  test('[PROXY-1] R8: every answer over HTTPS carries HSTS, refusals too', async () => {
    for (const path of ['/', '/auth/login', '/readyz']) {
      expect((await get(path)).headers['strict-transport-security'], path).toMatch(/^max-age=\d{8}/);
    }
  });

  test('[PROXY-2] a WebSocket goes through, encrypted', async () => {
    const socket = await openSocket();
    expect(await echoOf(socket, 'hello')).toBe('echo hello');
    socket.terminate();
  });

  test('[PROXY-3] D17: the last forwarded address is the one nginx saw, whatever a client claims', async () => {
    const { headers } = JSON.parse((await get('/', { 'x-forwarded-for': '6.6.6.6' })).body);
    expect(headers['x-forwarded-for']).toBe('6.6.6.6, 127.0.0.1');
    expect(headers['x-forwarded-proto']).toBe('https');
    expect(headers.host).toBe(HOST);
  });

  test('[PROXY-4] readiness stays inside', async () => {
    expect((await get('/readyz')).status).toBe(404);
    expect((await get('/healthz')).status).toBe(200);
  });

  test('[PROXY-6] some addresses that each keep to their limit leave room for everybody else', async () => {
    const addresses = [1, 2, 3, 4].map((n) => `127.0.3.${n}`);
    const opened = addresses.flatMap((address) => Array.from({ length: 150 }, () => openSocket(address)));
    const settled = await Promise.allSettled(opened);
    const open = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const other = await get('/').catch(String);
    for (const socket of open) socket.terminate();
    expect(open).toHaveLength(opened.length);
    expect(other).toMatchObject({ status: 200 });
  });

  test('[PROXY-5] [MET-1] of connections that pour, little is read before the next one’s turn', async () => {
    const piece = Buffer.alloc(256 * 1_024);
    const goal = 32 * 1_024 * 1_024;
    let poured = 0;
    let most = 0;
    const pour = (socket: WebSocket): void =>
      socket.send(piece, () => {
        poured += piece.length;
        most = Math.max(most, mostUnread(ports.https));
        if (poured < goal) pour(socket);
      });
    const witness = await openSocket();
    const flood = await Promise.all([openSocket(), openSocket(), openSocket(), openSocket()]);
    for (const socket of flood) pour(socket);
    let answered = 0;
    while (poured < goal) {
      await echoOf(witness, 'hello');
      answered += 1;
    }
    for (const socket of [witness, ...flood]) socket.terminate();
    expect(answered).toBeGreaterThan(0);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(32 * 1_024);
  });
});
