import { expect, it } from 'vitest';
import type { WireClient } from '../testing/wireClient.ts';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();
const told = (client: WireClient): string[] => client.of('session').map(({ kind }) => kind);

it('[WS-36] [R12] a server that can store nothing tells every socket at once, later ones as they open, and when it is over', async () => {
  const world = await start();
  const ada = await world.session(await world.user());
  const bob = await world.session(await world.user());
  world.health.failed('store_unreachable', 'connect ECONNREFUSED 10.0.0.7:5432');
  // Before it has authenticated: that may not work without the store.
  const late = await world.connect();
  for (const client of [ada, bob, late]) {
    await client.until(() => told(client).length === 1);
    const [push] = client.of('session');
    expect(push).toMatchObject({
      kind: 'server.degraded',
      data: { since: world.health.degradation?.since, reason: 'store_unreachable' },
    });
    // What lies behind it is nobody's business.
    expect(client.received.join()).not.toContain('10.0.0.7');
  }
  const health = async () => (await fetch(`http://127.0.0.1:${world.port}/healthz`)).json();
  expect(await health()).toMatchObject({ status: 'degraded', reason: 'store_unreachable' });

  world.health.worked();
  for (const client of [ada, bob, late]) {
    await client.until(() => told(client).length === 2);
    expect(client.of('session')[1]).toMatchObject({
      kind: 'server.recovered',
      data: { awayMs: expect.any(Number) },
    });
  }
  expect(await health()).toEqual({ status: 'ok' });
  const after = await world.session(await world.user());
  expect(told(after)).toEqual([]);
});

it('[WS-36] what only the store can answer is refused meanwhile, instead of waiting for it', async () => {
  const world = await start();
  const client = await world.session(await world.user());
  world.health.failed('store_silent', 'no answer');
  const refused = await client.request('history.fills', {});
  expect(refused).toMatchObject({ ok: false, error: { code: 'unavailable', retryable: true } });
  world.health.worked();
  expect(await client.request('history.fills', {})).toMatchObject({ ok: true });
});
