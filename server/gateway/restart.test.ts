import { connect as connectTcp } from 'node:net';
import { expect, it } from 'vitest';
import { GatewayWorld } from '../testing/gatewayWorld.ts';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();

it('[WS-27] tells every client when to come back, each at its own time, and closes with 1012', async () => {
  const world = await start({ limits: { closeBatch: 3 } });
  const tokens = await world.user();
  const clients = await Promise.all(Array.from({ length: 10 }, () => world.session(tokens)));
  await world.close(1_000);
  const delays = new Set<number>();
  for (const client of clients) {
    await client.closed();
    expect(client.closeCode).toBe(1012);
    const warning = client.of('session')[0] ?? { kind: 'none', data: {} };
    expect(warning).toMatchObject({ kind: 'server.restarting' });
    const { reconnectAfterMs } = warning.data as { reconnectAfterMs: number };
    expect(reconnectAfterMs).toBeGreaterThanOrEqual(500);
    expect(reconnectAfterMs).toBeLessThanOrEqual(5_000);
    delays.add(reconnectAfterMs);
  }
  expect(delays.size).toBeGreaterThan(1);
  await new Promise<void>((resolve) => connectTcp(world.port, '127.0.0.1').on('error', () => resolve()));
});

it('[WS-27] lets what is under way finish first, and begins nothing new', async () => {
  const world = await start();
  const client = await world.session(await world.user());
  let proceed = (): void => undefined;
  const held = new Promise<void>((resume) => {
    proceed = resume;
  });
  const { execute } = world.desks;
  const reached = new Promise<void>((reach) => {
    world.desks.execute = async (deskId, command) => {
      reach();
      await held;
      return execute.call(world.desks, deskId, command);
    };
  });
  const underWay = client.request('bots.stopAll', {}, { commandId: 'under-way' });
  await reached;
  const closing = world.close(30_000);
  const late = await client.request('bots.stopAll', {}, { commandId: 'too-late' });
  expect(late).toMatchObject({ error: { code: 'unavailable', retryable: true } });
  proceed();
  expect((await underWay).ok).toBe(true);
  await client.closed();
  expect(client.closeCode).toBe(1012);
  await closing;
});

it('[WS-27] refuses a port that is taken', async () => {
  const world = await start();
  const second = new GatewayWorld({});
  await expect(second.gateway.listen('127.0.0.1', world.port)).rejects.toThrow(String(world.port));
});
