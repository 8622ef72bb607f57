import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { Program } from '../testing/e2e/program.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { Trader } from '../testing/e2e/trader.ts';
import { TestRedis } from '../testing/redis.ts';
import { requireOrSkip } from '../testing/requireOrSkip.ts';
import { portToKeep } from '../testing/sockets.ts';
import { WireClient } from '../testing/wireClient.ts';

const cleanups = cleanupsAfterEach();

/** One server that has the desks, and another with the same database, Redis and secrets that waits for them. */
async function started() {
  const redis = await TestRedis.start();
  cleanups.push(() => redis.kill());
  const secrets = { JWT_SECRET: randomBytes(32).toString('hex') };
  const server = await ServerProcess.start({ env: { REDIS_URL: redis.url, ...secrets } });
  cleanups.push(() => server.stop());
  const folder = mkdtempSync(join(tmpdir(), 'fw-e2e-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const port = await portToKeep();
  const second = await Program.start('main', {
    ...server.env,
    FILLWIRE_DATA_DIR: folder,
    PORT: String(port),
  });
  cleanups.push(() => second.kill('SIGTERM'));
  await eventually('the second one listens', () =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return { server, second, port };
}

async function signedIn(port: number, token: string): Promise<WireClient> {
  const client = await new WireClient(port).opened();
  cleanups.push(() => client.ws.terminate());
  expect((await client.authenticate(token)).ok).toBe(true);
  return client;
}

describe.skipIf(requireOrSkip('redis-server'))('two processes', () => {
  it('[MET-18] the second one logs in, pushes frames, refuses reads and commands with the time to wait, and takes over when the first one dies', async () => {
    const { server, second, port } = await started();
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(503);
    const trader = await Trader.register(server.url);
    cleanups.push(() => trader.close());
    const pc = await trader.device('pc');
    const { accountId } = await pc.firstAccount();

    const login = await fetch(`http://127.0.0.1:${port}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: trader.email, password: trader.password }),
    });
    const { access_token } = (await login.json()) as { access_token: string };
    const client = await new WireClient(port).opened();
    cleanups.push(() => client.ws.terminate());
    expect((await client.authenticate(access_token)).ok).toBe(true);
    expect((await client.request('subscribe', { channels: ['desk'] })).ok).toBe(true);

    await pc.client.request('accounts.update', { accountId, name: 'Told to both' });
    await client.until(() => client.of('desk').some(({ kind }) => kind === 'AccountChanged'));

    const rename = (commandId: string) =>
      client.request('accounts.update', { accountId, name: 'From the second' }, { commandId });
    const refusal = { ok: false, error: { code: 'unavailable', retryable: true } };
    const refused = await rename(randomUUID());
    expect(refused).toMatchObject(refusal);
    expect(refused).toMatchObject({ error: { details: { retryAfterMs: expect.any(Number) } } });
    expect(await client.request('bots.list', {})).toMatchObject(refusal);

    await server.kill();
    await second.line('Fillwire is ready');
    expect(await rename(randomUUID())).toMatchObject({ ok: true, result: { status: 'accepted' } });
  });

  it('[E2E-81] the second one takes over, the market with it, when the first one stands still, which answers nothing from before when it goes on, stores nothing, and ends', async () => {
    const { server, second, port } = await started();
    const trader = await Trader.register(server.url);
    cleanups.push(() => trader.close());
    const pc = await trader.device('pc');
    const { accountId } = await pc.firstAccount();
    const token = await pc.auth.current();
    const [former, heir] = [await signedIn(server.port, token), await signedIn(port, token)];
    expect((await heir.request('subscribe', { channels: ['desk'] })).ok).toBe(true);

    server.program.signal('SIGSTOP');
    await second.line('Fillwire is ready');
    const rename = (client: WireClient, name: string) =>
      client.request('accounts.update', { accountId, name }, { commandId: randomUUID() });
    expect(await rename(heir, 'By the second')).toMatchObject({ ok: true });
    const asked = [former.request('accounts.list', {}), rename(former, 'By the first')];
    server.program.signal('SIGCONT');
    for (const reply of await Promise.all(asked))
      expect(reply).toMatchObject({ ok: false, error: { code: 'unavailable', retryable: true } });
    await server.program.ended();
    expect(await rename(heir, 'By the second again')).toMatchObject({ ok: true });
    const names = heir.of('desk').flatMap(({ kind, data }) => (kind === 'AccountChanged' ? [data] : []));
    expect(JSON.stringify(names)).not.toContain('By the first');
  });
});
