import { expect, it } from 'vitest';
import { ManualClock } from '../testing/venue/manualClock.ts';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();

it('[SLEEP-5] says again and again whose devices are connected, and of nobody else', async () => {
  const clock = new ManualClock();
  const world = await start({ clock });
  const { desks } = world;
  const [ada, bob] = [await world.user(), await world.user()];
  const phone = await world.session(ada);
  const gone = await world.session(bob);
  gone.ws.terminate();
  await gone.closed();
  await expect.poll(() => world.gateway.load().sockets).toBe(1);
  desks.attended.length = 0;
  for (let n = 0; n < 3; n += 1) clock.advance(30_000);
  expect(desks.attended).toHaveLength(3);
  expect(new Set(desks.attended).size).toBe(1);
  expect((await phone.request('subscribe', { channels: ['desk'] })).ok).toBe(true);
});

it('[SLEEP-3] shows a desk only once it is awake, and as the log has it when that takes more than a moment', async () => {
  const clock = new ManualClock();
  const world = await start({ clock });
  const client = await world.session(await world.user());
  let wake = (): void => {};
  world.desks.waking = () => new Promise((resolve) => (wake = resolve));
  const joined = client.request('subscribe', { channels: ['desk'] });
  let isJoined = false;
  void joined.then(() => (isJoined = true));
  await client.request('ping', {});
  expect(isJoined).toBe(false);
  wake();
  expect(await joined).toMatchObject({ ok: true });
  const other = await world.session(await world.user());
  const late = other.request('subscribe', { channels: ['desk'] });
  await other.request('ping', {});
  clock.advance(1_000);
  expect(await late).toMatchObject({ ok: true });
});
