import { expect, it } from 'vitest';
import type { WireClient } from '../testing/wireClient.ts';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();
const told = (client: WireClient) => client.of('session').map(({ kind, data }) => ({ kind, data }));

it('[WS-38] [FOUND-11] [WS-25] what keeps a desk from being served is told on each socket of its owner, and to nobody else', async () => {
  const world = await start();
  const adas = await world.user();
  const { userId } = adas.grant;
  const [phone, pc] = [await world.session(adas), await world.session(adas)];
  const bob = await world.session(await world.user());
  world.troubles.began(userId, 'desk_stuck');
  // It fails again and again: said once.
  world.troubles.began(userId, 'desk_stuck');
  const data = world.troubles.trouble(userId);
  expect(data).toMatchObject({ reason: 'desk_stuck', since: expect.any(Number) });
  const late = await world.session(adas);
  for (const client of [phone, pc, late]) {
    await client.until(() => told(client).length === 1);
    expect(told(client)).toEqual([{ kind: 'desk.trouble', data }]);
  }
  world.troubles.began(userId, 'desk_halted');
  world.troubles.ended(userId);
  for (const client of [phone, pc, late]) {
    await client.until(() => told(client).length === 3);
    expect(told(client).slice(1)).toEqual([
      { kind: 'desk.trouble', data: { since: data?.since, reason: 'desk_halted' } },
      { kind: 'desk.recovered', data: {} },
    ]);
  }
  expect(told(await world.session(adas))).toEqual([]);
  expect(told(bob)).toEqual([]);
});
