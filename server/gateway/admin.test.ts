import { expect, it } from 'vitest';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();

it('[EMER-20] [R20] [R3] an administrator’s ops go to desks with who asked; anybody else is forbidden, whatever they name', async () => {
  const world = await start();
  const root = await world.session(await world.user('root'));
  const tokens = await world.user('bob');
  const bob = await world.session(tokens);
  const args = { userId: tokens.grant.userId };
  const commandId = 'admin-stop-1';

  for (const named of [args, { userId: 'nobody' }, { all: true } as const]) {
    expect(await bob.request('admin.emergencyStop', named, { commandId })).toMatchObject({
      error: { code: 'forbidden' },
    });
    expect(await bob.request('admin.emergencyStop', { ...named, preview: true })).toMatchObject({
      error: { code: 'forbidden' },
    });
    expect(await bob.request('admin.emergencyRelease', named, { commandId })).toMatchObject({
      error: { code: 'forbidden' },
    });
  }
  expect(world.desks.administered).toEqual([]);

  expect(await root.request('admin.emergencyStop', args, { commandId })).toMatchObject({ ok: true });
  expect(
    await root.request('admin.emergencyRelease', { all: true }, { commandId: 'release-1' }),
  ).toMatchObject({
    ok: true,
  });
  expect(world.desks.administered).toMatchObject([
    { op: 'admin.emergencyStop', args, commandId, actor: { kind: 'admin' } },
    { op: 'admin.emergencyRelease', args: { all: true }, actor: { kind: 'admin' } },
  ]);
});

it('[EMER-20] exactly one of userId and all is named', async () => {
  const world = await start();
  const root = await world.session(await world.user('root'));
  for (const args of [{}, { userId: 'bob', all: true } as const]) {
    expect(await root.request('admin.emergencyStop', args, { commandId: 'admin-stop-1' })).toMatchObject({
      error: { code: 'bad_request', message: expect.stringContaining('name a userId, or all: true') },
    });
  }
});
