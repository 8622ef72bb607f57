import { afterEach, describe, expect, it } from 'vitest';
import { RawSocket } from '../testing/rawSocket.ts';
import { worldStarter } from '../testing/worldStarter.ts';
import { HostPolicy } from './hostPolicy.ts';
import { OriginPolicy } from './originPolicy.ts';

const start = worldStarter();
const raws: RawSocket[] = [];
afterEach(() => {
  for (const { socket } of raws.splice(0)) socket.destroy();
});

describe('the names a server answers to', () => {
  it('[MET-7] are localhost, plain addresses and those it was given', () => {
    const hosts = new HostPolicy(['trade.example.org', '::1']);
    const good = [
      'localhost',
      'localhost:8710',
      '127.0.0.1:8710',
      '10.1.2.3',
      '[::1]:8710',
      '[2001:db8::1]',
      'Trade.Example.org:443',
    ];
    for (const host of good) expect([host, hosts.admits(host)]).toEqual([host, true]);
    const bad = [
      '',
      'evil.example',
      'localhost.evil.example',
      'trade.example.org.evil.example',
      '127.0.0.1.evil.example',
      '0x7f.1',
      '[::1',
      'evil.example:8710',
    ];
    for (const host of bad) expect([host, hosts.admits(host)]).toEqual([host, false]);
  });

  it('[MET-7] another name gets 421 and nothing else, on every path, and no socket', async () => {
    const world = await start();
    for (const line of ['GET /healthz', 'GET /', 'POST /auth/login', 'GET /ws']) {
      const raw = await RawSocket.connect(world.port);
      raws.push(raw);
      const upgrade =
        'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n';
      raw.socket.write(
        `${line} HTTP/1.1\r\nHost: evil.example\r\n${line.endsWith('/ws') ? upgrade : ''}\r\n`,
      );
      await raw.closed();
      expect(raw.text).toContain('HTTP/1.1 421 Misdirected Request');
    }
  });
});

describe('the server’s own origin', () => {
  const at = (origin: string, forwardedProto = '') => ({ origin, host: 'trade.example.org', forwardedProto });

  it('[MET-7] has its scheme: a page that came by http is not the one that came by https', () => {
    const direct = new OriginPolicy([], { isHttps: false, isBehindProxy: false });
    expect(direct.isSame(at('http://trade.example.org'))).toBe(true);
    expect(direct.isSame(at('https://trade.example.org'))).toBe(false);
    // What a client writes itself is not believed.
    expect(direct.isSame(at('https://trade.example.org', 'https'))).toBe(false);
    const deployed = new OriginPolicy([], { isHttps: true, isBehindProxy: true });
    expect(deployed.admits(at('http://trade.example.org', 'https'))).toBe(false);
    expect(deployed.admits(at('https://trade.example.org', 'https'))).toBe(true);
    expect(deployed.admits(at('https://trade.example.org', 'http'))).toBe(false);
    expect(deployed.admits(at('https://trade.example.org'))).toBe(true);
    expect(deployed.admits(at('http://trade.example.org', 'http, https'))).toBe(false);
  });

  it('[MET-7] a socket from the same host by another scheme is refused', async () => {
    const world = await start();
    const [http, https] = ['http', 'https'].map((scheme) => `${scheme}://127.0.0.1:${world.port}`);
    expect((await world.connect({ origin: https ?? '' })).refusedWith).toBe(403);
    expect((await world.connect({ origin: http ?? '' })).refusedWith).toBeNull();
  });
});

describe('a process that waits for another one to end', () => {
  it('[MET-7] refuses at once whatever needs the desks, to be tried again; who is there stays', async () => {
    let waits = true;
    const world = await start({ isStandby: () => waits });
    const client = await world.session(await world.user());
    for (const op of ['bots.stopAll', 'emergency.stop'] as const)
      expect(await client.request(op, {}, { commandId: `command-${op}` })).toMatchObject({
        error: { code: 'unavailable', retryable: true, details: { retryAfterMs: 1_000 } },
      });
    expect(await client.request('orders.list', {})).toMatchObject({ error: { code: 'unavailable' } });
    expect((await client.request('ping', {})).ok).toBe(true);
    expect(world.desks.executed).toEqual([]);
    const register = () =>
      fetch(`http://127.0.0.1:${world.port}/auth/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: 'bob@example.com', password: 'correct horse battery' }),
      });
    expect((await register()).status).toBe(503);
    waits = false;
    expect((await client.request('bots.stopAll', {}, { commandId: 'command-again' })).ok).toBe(true);
    expect((await register()).status).toBe(200);
  });
});

describe('ids of others', () => {
  it('[MET-7] [WS-8] history of a foreign or unknown account is not_found, not an empty page', async () => {
    const world = await start();
    const [ada, bob] = [await world.user(), await world.user()];
    const owner = await world.session(bob);
    const client = await world.session(ada);
    const his = `account-${bob.grant.userId}`;
    for (const op of [
      'history.orders',
      'history.fills',
      'history.trades',
      'history.equity',
      'history.bills',
    ] as const) {
      for (const accountId of [his, 'nobody'])
        expect(await client.request(op, { accountId })).toMatchObject({
          ok: false,
          error: { code: 'not_found', message: `you have no account ${accountId}` },
        });
      expect((await owner.request(op, { accountId: his })).ok).toBe(true);
      expect((await client.request(op, {})).ok).toBe(true);
    }
  });
});
