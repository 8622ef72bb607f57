import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { portToKeep } from './sockets.ts';

/** Reached only by what never happens, on a busy machine too. */
const READY_LIMIT_MS = 120_000;
const POLL_MS = 20;

export function hasNginx(): boolean {
  return spawnSync('nginx', ['-v']).status === 0;
}

/** As docker/nginx has it, without TLS: one hop that appends to X-Forwarded-For. */
function configuration(folder: string, port: number, upstream: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join('\n');
  return `
daemon off; worker_processes 1; pid ${join(folder, 'nginx.pid')}; error_log stderr crit;
events { worker_connections 4096; }
http {
  access_log off;
  ${temporary}
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  upstream fillwire { server 127.0.0.1:${upstream}; keepalive 32; }
  server {
    listen 127.0.0.1:${port} rcvbuf=16k;
    client_max_body_size 64k;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    location / { proxy_pass http://fillwire; proxy_buffering off; proxy_read_timeout 120s; }
  }
}
`;
}

export type NginxExchanges = {
  /** `upstream`: the port of the server behind it. */
  start: { request: { folder: string; upstream: number }; answer: { port: number } };
};

/** nginx in front of a server on this machine. The caller ends it: `stop`, or `child` where nothing can be waited for. */
export async function startNginx(
  folder: string,
  upstream: number,
): Promise<{ port: number; child: ChildProcess; stop(): Promise<void> }> {
  mkdirSync(folder, { recursive: true });
  const port = await portToKeep();
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, port, upstream));
  const child = spawn('nginx', ['-p', folder, '-c', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  const start = performance.now();
  while (!(await listens(port))) {
    if (performance.now() - start > READY_LIMIT_MS || child.exitCode !== null) {
      child.kill();
      throw new Error('nginx did not start');
    }
    await delay(POLL_MS);
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    port,
    child,
    stop: () => {
      child.kill();
      return ended;
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
