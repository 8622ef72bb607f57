import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { dec } from '../../shared/domain/decimal.ts';
import { MemorySealedKeyRows } from '../adapters/memory/sealedKeyRows.ts';
import { SealedVenueKeys } from '../keys/sealedVenueKeys.ts';
import type { CommandEnvelope } from '../ports/deskGateway.ts';
import type { VenueFill } from '../ports/venue.ts';
import { venueFacts } from '../testing/core/samples.ts';
import { EngineWorld } from '../testing/runtime/engineWorld.ts';

const partsOf = (name: string) => ({
  apiKey: `bg_${name}_key_1234`,
  secret: `${name}-secret-5678`,
  passphrase: `${name} passphrase`,
});

/** Desks that take accounts at an exchange, and the rows of their keys. */
async function exchangeWorld() {
  const world = new EngineWorld();
  world.context.venue = () => ({ ...venueFacts(), simulated: false });
  const rows = new MemorySealedKeyRows();
  const secrets = { encryptionKey: new Uint8Array(32).fill(9), formerEncryptionKeys: [] };
  const keys = new SealedVenueKeys(rows, secrets);
  const commands = world.accountKeys(keys);
  const account = async (deskId: string): Promise<string> => {
    await world.commands.open(deskId);
    const reply = await world.createAccount(deskId, `Exchange ${randomUUID()}`);
    if (!reply.ok) throw new Error(reply.error.message);
    return (reply.result as { accountId: string }).accountId;
  };
  const envelope = (deskId: string, commandId: string) => ({
    commandId,
    expectedVersion: null,
    validUntil: null,
    actor: { kind: 'user', userId: deskId, deviceId: 'device' } as const,
    receivedAt: world.clock.now(),
  });
  const set = (deskId: string, accountId: string, name: string, commandId: string = randomUUID()) =>
    commands.set(deskId, { ...envelope(deskId, commandId), args: { accountId, ...partsOf(name) } });
  const remove = (
    deskId: string,
    accountId: string,
    commandId: string = randomUUID(),
    op: CommandEnvelope['op'] = 'accounts.removeKeys',
  ) => commands.remove(deskId, { ...envelope(deskId, commandId), op, args: { accountId } });
  const shown = (deskId: string, accountId: string) =>
    world.engine.record(deskId)?.desk.accounts.get(accountId)?.account;
  const stored = (accountId: string) => keys.open(accountId, 'sim');
  return { world, rows, account, set, remove, shown, stored };
}

describe('keys of an account at an exchange', () => {
  test('[KEY-8] are stored before the desk hears of them, which is told their tail and tries them', async () => {
    const { world, account, set, shown, stored } = await exchangeWorld();
    const accountId = await account('ada');
    world.happened.length = 0;
    world.effects.length = 0;
    expect(await set('ada', accountId, 'first')).toMatchObject({ ok: true, result: { status: 'accepted' } });
    expect(shown('ada', accountId)).toMatchObject({
      keys: { tail: '1234', setAt: world.clock.now() },
      status: 'connecting',
      statusReason: { code: 'keys_set' },
    });
    expect(world.effects.map(({ effect }) => effect)).toEqual([
      expect.objectContaining({ type: 'OpenAccount', accountId, reset: false }),
    ]);
    expect(await stored(accountId)).toEqual(partsOf('first'));
    const frames = world.published.filter(({ type }) => type === 'frames');
    expect(JSON.stringify(frames.at(-1))).toContain('"tail":"1234"');
  });

  test('[KEY-8] [KEY-10] reach neither log, nor stored commands, nor frames, nor inputs of the engine', async () => {
    const { world, account, set } = await exchangeWorld();
    const accountId = await account('ada');
    await set('ada', accountId, 'hidden');
    const text = JSON.stringify([
      [...world.store.desks.values()],
      [...world.store.commands.values()],
      world.published,
      world.logger.lines,
    ]);
    expect(text).toContain(accountId);
    for (const part of Object.values(partsOf('hidden'))) expect(text).not.toContain(part);
  });

  test('[KEY-8] one command id has one effect and one answer; with other keys it is refused, and those are not stored', async () => {
    const { world, account, set, stored } = await exchangeWorld();
    const accountId = await account('ada');
    const first = await set('ada', accountId, 'first', 'once-and-for-all');
    await set('ada', accountId, 'second');
    const head = world.head('ada');
    expect(await set('ada', accountId, 'first', 'once-and-for-all')).toEqual(first);
    expect(await set('ada', accountId, 'third', 'once-and-for-all')).toMatchObject({
      ok: false,
      error: { code: 'command_id_reused' },
    });
    expect(world.head('ada')).toBe(head);
    expect(await stored(accountId)).toEqual(partsOf('second'));
  });

  test('[KEY-8] of many that are set at once, those stored are those that the desk shows', async () => {
    const { account, set, shown, stored } = await exchangeWorld();
    const accountId = await account('ada');
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const taken = await Promise.all(names.map((name) => set('ada', accountId, name)));
    expect(taken.map(({ ok }) => ok)).toEqual(names.map(() => true));
    expect(await stored(accountId)).toEqual(partsOf('f'));
    expect(shown('ada', accountId)?.version).toBe(1 + names.length);
  });

  test('[KEY-8] another user’s account is as unknown as one that never was, and nothing is stored for it', async () => {
    const { rows, account, set, stored } = await exchangeWorld();
    const accountId = await account('ada');
    await account('eve');
    await set('ada', accountId, 'mine');
    for (const id of [accountId, 'never-was'])
      expect(await set('eve', id, 'theirs')).toMatchObject({
        ok: false,
        error: { code: 'not_found', details: { what: 'account', id } },
      });
    expect(rows.rows.size).toBe(1);
    expect(await stored(accountId)).toEqual(partsOf('mine'));
  });

  test('[KEY-8] a simulated account takes none, and says so', async () => {
    const { world, rows, set } = await exchangeWorld();
    world.context.venue = () => venueFacts();
    await world.commands.open('sim-user');
    const [accountId = ''] = world.engine.record('sim-user')?.desk.accounts.keys() ?? [];
    const reply = await set('sim-user', accountId, 'first');
    expect(reply).toMatchObject({ ok: false, error: { code: 'bad_request' } });
    expect(JSON.stringify(reply)).toContain('a simulated account needs no keys and takes none');
    expect(rows.rows.size).toBe(0);
  });

  test('[KEY-9] removed, nothing of them is left, and the account is out of reach', async () => {
    const { rows, account, set, remove, shown } = await exchangeWorld();
    const accountId = await account('ada');
    await set('ada', accountId, 'first');
    expect(await remove('ada', accountId)).toMatchObject({ ok: true });
    expect(rows.rows.size).toBe(0);
    expect(shown('ada', accountId)).toMatchObject({
      status: 'unreachable',
      statusReason: { code: 'keys_removed' },
    });
    expect(shown('ada', accountId)).not.toHaveProperty('keys');
    expect(await remove('ada', accountId)).toMatchObject({ ok: true });
  });

  test('[KEY-9] the answer to a removal of before does not remove what was set since', async () => {
    const { account, set, remove, shown, stored } = await exchangeWorld();
    const accountId = await account('ada');
    await set('ada', accountId, 'first');
    const removed = await remove('ada', accountId, 'removed-before');
    await set('ada', accountId, 'second');
    expect(await remove('ada', accountId, 'removed-before')).toEqual(removed);
    expect(await stored(accountId)).toEqual(partsOf('second'));
    expect(shown('ada', accountId)?.keys).toMatchObject({ tail: '1234' });
  });

  test('[KEY-9] they stay while anything is open there, and others may take their place', async () => {
    const { world, account, set, remove, stored } = await exchangeWorld();
    const accountId = await account('ada');
    await set('ada', accountId, 'first');
    const fill: VenueFill = {
      ...{ fillId: 'f1', venueOrderId: 'o1', clientOrderId: null, symbol: 'BTCUSDT', side: 'buy' },
      ...{ price: dec('100'), size: dec('1'), fee: dec('0'), feeCoin: null, realisedPnl: null },
      ...{ liquidity: 'taker', source: 'order', ts: world.clock.now(), cursor: 1 },
    };
    world.engine.submit('ada', { type: 'VenueFillSeen', accountId, fill, ingestedAt: 1 });
    const reply = await remove('ada', accountId);
    expect(reply).toMatchObject({ ok: false, error: { code: 'bad_request' } });
    expect(JSON.stringify(reply)).toContain('keys of an account in use are not removed');
    expect(await stored(accountId)).toEqual(partsOf('first'));
    expect(await set('ada', accountId, 'second')).toMatchObject({ ok: true });
    expect(await stored(accountId)).toEqual(partsOf('second'));
  });

  test('[KEY-9] an account that is removed leaves none behind; eve’s stay', async () => {
    const { rows, account, set, remove } = await exchangeWorld();
    const [mine, theirs] = [await account('ada'), await account('eve')];
    await set('ada', mine, 'mine');
    await set('eve', theirs, 'theirs');
    expect(await remove('ada', mine, randomUUID(), 'accounts.remove')).toMatchObject({ ok: true });
    expect([...rows.rows.keys()]).toEqual([theirs]);
  });

  test('[KEY-9] where the store does not take them away it is said, and the same command does it later', async () => {
    const { rows, account, set, remove } = await exchangeWorld();
    const accountId = await account('ada');
    await set('ada', accountId, 'first');
    const real = rows.remove.bind(rows);
    rows.remove = () => Promise.reject(new Error('no route'));
    expect(await remove('ada', accountId, 'again-and-again')).toMatchObject({
      ok: false,
      error: { code: 'unavailable', retryable: true },
    });
    rows.remove = real;
    expect(await remove('ada', accountId, 'again-and-again')).toMatchObject({ ok: true });
    expect(rows.rows.size).toBe(0);
  });

  test('[KEY-8] where the store does not take them the desk is told of none, and nothing of them is logged', async () => {
    const { world, rows, account, set, shown } = await exchangeWorld();
    const accountId = await account('ada');
    rows.put = () => Promise.reject(new Error('no route'));
    expect(await set('ada', accountId, 'first')).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    expect(shown('ada', accountId)).not.toHaveProperty('keys');
    for (const part of Object.values(partsOf('first')))
      expect(JSON.stringify(world.logger.lines)).not.toContain(part);
  });
});
