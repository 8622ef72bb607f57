import { describe, expect, it } from 'vitest';
import { createIdentity } from '../identity/createIdentity.ts';
import { ManualClock } from '../testing/venue/manualClock.ts';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();
/** A bus that is away: what is published is lost. */
const lost = { isConnected: false, publish: () => undefined };

async function withoutBus() {
  const clock = new ManualClock();
  const world = await start({ clock, publisher: lost });
  const tokens = await world.user();
  /** A second process on the same database. */
  const elsewhere = createIdentity({
    store: world.store,
    clock,
    logger: world.logger,
    publisher: lost,
    secrets: { jwtSecret: 'a secret of a test that is long enough, 32 bytes and more' },
  });
  return { clock, world, tokens, elsewhere };
}

describe('revocation while the bus is away', () => {
  it('[MET-4] a logout and a revoked device close the sockets of the same process at once', async () => {
    const { world, tokens } = await withoutBus();
    const [phone, pc] = [await world.session(tokens, 'phone'), await world.session(tokens, 'pc')];
    expect(
      (await pc.request('devices.revoke', { deviceId: 'phone' }, { commandId: 'revoke-phone' })).ok,
    ).toBe(true);
    await phone.closed();
    expect(phone.closeCode).toBe(4501);
    expect(pc.closeCode).toBeNull();
    await world.authenticator.logout(tokens.refreshToken);
    await pc.closed();
    expect(pc.closeCode).toBe(4501);
  });

  it('[MET-4] what another process revoked closes within a second, and nothing else does', async () => {
    const { clock, world, tokens, elsewhere } = await withoutBus();
    const [phone, pc] = [await world.session(tokens, 'phone'), await world.session(tokens, 'pc')];
    await elsewhere.revokeDevice(tokens.grant.userId, 'phone');
    clock.advance(1_000);
    await phone.closed();
    expect(phone.closeCode).toBe(4501);
    expect((await pc.request('ping', {})).ok).toBe(true);
    await elsewhere.logout(tokens.refreshToken);
    clock.advance(1_000);
    await pc.closed();
    expect(pc.closeCode).toBe(4501);
  });

  it('[MET-4] a database that is away is said once, and asked again', async () => {
    const { clock, world, tokens, elsewhere } = await withoutBus();
    const phone = await world.session(tokens, 'phone');
    const read = world.store.revokedSince.bind(world.store);
    let asked = 0;
    world.store.revokedSince = () => {
      asked += 1;
      return Promise.reject(new Error('away'));
    };
    for (let second = 0; second < 5; second += 1) {
      clock.advance(1_000);
      await phone.request('ping', {});
    }
    expect(asked).toBeGreaterThan(3);
    const said = world.logger.lines.filter(({ message }) => message === 'what was revoked cannot be read');
    expect(said).toHaveLength(1);
    world.store.revokedSince = read;
    await elsewhere.revokeDevice(tokens.grant.userId, 'phone');
    clock.advance(1_000);
    await phone.closed();
    expect(phone.closeCode).toBe(4501);
  });
});
