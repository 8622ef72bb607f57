import { expect, it } from 'vitest';
import type { Device } from '../../shared/protocol/device.ts';
import { VIEW_VERSION } from '../../shared/protocol/version.ts';
import { ManualClock } from '../testing/venue/manualClock.ts';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();
/** As many logins as a user may have, and as many again. */
const MOST = 200;

it('[MET-7] devices that a user makes up at each connection do not make every answer longer for ever', async () => {
  const clock = new ManualClock();
  const world = await start({
    clock,
    limits: { httpRate: { perSecond: 1, burst: 10_000 }, httpPerTurn: 1_000 },
  });
  const tokens = await world.user();
  for (let n = 0; n < MOST + 50; n += 1) {
    clock.advance(1);
    const client = await world.connect();
    const device = { id: `made-up-${n}`, name: `made up ${n}`, kind: 'other' };
    client.raw(
      JSON.stringify({
        id: 'in',
        op: 'session.authenticate',
        args: { token: tokens.accessToken, viewVersion: VIEW_VERSION, device },
      }),
    );
    await client.reply('in');
    client.ws.close();
    await client.closed();
  }
  const reply = await (await world.session(tokens)).request('devices.list', {});
  const { devices } = (reply.ok ? reply.result : {}) as { devices: Device[] };
  expect(devices.length).toBeLessThanOrEqual(MOST);
  // The one that has the login, however long ago it was seen, and the newest of the others.
  expect(devices.some(({ name }) => name === 'made up 249')).toBe(true);
  expect(devices.filter(({ connected }) => connected)).toHaveLength(1);
});
