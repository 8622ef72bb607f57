import { afterEach, describe, expect, it } from 'vitest';
import { RawSocket } from '../testing/rawSocket.ts';
import { ManualClock } from '../testing/venue/manualClock.ts';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();
const raws: RawSocket[] = [];
afterEach(() => {
  for (const { socket } of raws.splice(0)) socket.destroy();
});

/** Opens `count` connections that say nothing. */
async function open(port: number, count: number, localAddress?: string): Promise<RawSocket[]> {
  const opened = await Promise.all(
    Array.from({ length: count }, () => RawSocket.connect(port, localAddress)),
  );
  raws.push(...opened);
  return opened;
}
const closedOf = (some: readonly RawSocket[]): number => some.filter(({ isClosed }) => isClosed).length;
const REQUEST = 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';

async function isServed(port: number, localAddress?: string): Promise<boolean> {
  const [raw] = await open(port, 1, localAddress);
  if (raw === undefined) return false;
  raw.socket.write(REQUEST);
  await expect.poll(() => raw.isClosed || raw.text !== '').toBe(true);
  return raw.text.startsWith('HTTP/1.1 200');
}

describe('connections that say nothing', () => {
  const newConnectionRate = { perSecond: 5, burst: 20 };

  it('[MET-1] beyond the budget of their address are closed at once; what is open and others go on', async () => {
    const clock = new ManualClock();
    const world = await start({ clock, limits: { newConnectionRate } });
    const trader = await world.session(await world.user());
    // The trader's own connection was one.
    const silent = await open(world.port, newConnectionRate.burst + 20);
    await expect.poll(() => closedOf(silent)).toBe(21);
    expect(await isServed(world.port)).toBe(false);
    expect((await trader.request('ping', {})).ok).toBe(true);
    expect(await isServed(world.port, '127.0.0.2')).toBe(true);
    clock.advance(1_000);
    const later = await open(world.port, newConnectionRate.perSecond + 1);
    await expect.poll(() => closedOf(later)).toBe(1);
    expect(closedOf(silent)).toBe(21);
  });

  it('[MET-1] behind a proxy are not the proxy’s fault', async () => {
    const world = await start({
      ...{ config: { trustedProxyHops: 1 }, clock: new ManualClock() },
      limits: { newConnectionRate },
    });
    const silent = await open(world.port, newConnectionRate.burst + 1);
    expect(await isServed(world.port)).toBe(true);
    expect(closedOf(silent)).toBe(0);
  });

  it('[MET-1] are bounded for all addresses together; sockets do not count, and what leaves makes room', async () => {
    const world = await start({ limits: { httpConnections: 10 } });
    for (let n = 0; n < 12; n += 1) raws.push(await RawSocket.upgraded(world.port));
    const silent = (
      await Promise.all([1, 2, 3, 4, 5].map((n) => open(world.port, 2, `127.0.1.${n}`)))
    ).flat();
    expect(await isServed(world.port, '127.0.0.2')).toBe(false);
    expect(closedOf(silent)).toBe(0);
    silent[0]?.socket.destroy();
    await expect.poll(() => isServed(world.port, '127.0.0.2')).toBe(true);
  });
});
