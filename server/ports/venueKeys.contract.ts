import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SealedVenueKeys } from '../keys/sealedVenueKeys.ts';
import type { KeyOwner, KeyParts, SealedKeyRows, SealedKeys, VenueKeys } from './venueKeys.ts';

export interface SealedKeyRowsUnderTest {
  /** Empty. */
  rows: SealedKeyRows;
  close(): Promise<void>;
}

const NOW = Date.UTC(2026, 0, 5);

/** What every VenueKeys does, over rows kept anywhere. */
export function venueKeysContract(name: string, start: () => Promise<SealedKeyRowsUnderTest>): void {
  describe(`venue keys contract: ${name}`, () => {
    const encryptionKey = randomBytes(32);
    let under: SealedKeyRowsUnderTest;
    let keys: VenueKeys;
    beforeAll(async () => {
      under = await start();
      keys = new SealedVenueKeys(under.rows, { encryptionKey, formerEncryptionKeys: [] });
    });
    afterAll(() => under.close());

    let made = 0;
    const newOwner = (over: Partial<KeyOwner> = {}): KeyOwner => {
      made += 1;
      return { userId: `user-${made}`, accountId: `account-${made}`, venue: 'bitget', ...over };
    };
    const newParts = (): KeyParts => ({
      apiKey: `bg_${randomBytes(16).toString('hex')}`,
      secret: randomBytes(32).toString('hex'),
      passphrase: `pass "${randomBytes(4).toString('hex')}" Ω`,
    });
    const rowOf = async (accountId: string): Promise<SealedKeys> => {
      const row = await under.rows.get(accountId);
      if (row === undefined) throw new Error('there is no row');
      return row;
    };
    const open = ({ accountId, venue }: KeyOwner) => keys.open(accountId, venue);

    test('[KEY-1] keys open as they were put, whatever characters are in them; others see the tail alone', async () => {
      const owner = newOwner();
      const parts = newParts();
      const shown = { tail: parts.apiKey.slice(-4), setAt: NOW };
      expect(await open(owner)).toBeUndefined();
      expect(await keys.put(owner, parts, NOW)).toEqual(shown);
      expect(await keys.tail(owner.userId, owner.accountId)).toEqual(shown);
      expect(await open(owner)).toEqual(parts);
    });

    test('[KEY-1] of an api key that is hardly longer than its tail nothing is shown', async () => {
      const owner = newOwner();
      expect(await keys.put(owner, { ...newParts(), apiKey: '12345678' }, NOW)).toMatchObject({ tail: '' });
      expect(await keys.put(owner, { ...newParts(), apiKey: '123456789' }, NOW)).toMatchObject({
        tail: '6789',
      });
    });

    test('[KEY-2] nothing of a record is in clear but the tail, and no two records share a nonce', async () => {
      const owner = newOwner();
      const parts = newParts();
      const nonces = new Set<string>();
      for (let time = 0; time < 50; time += 1) {
        await keys.put(owner, parts, NOW);
        const row = await rowOf(owner.accountId);
        nonces.add(Buffer.from(row.nonce).toString('hex'));
        const bytes = Buffer.from(row.ciphertext).toString('latin1');
        const text = `${JSON.stringify({ ...row, nonce: '', ciphertext: '' })}${bytes}`;
        for (const part of Object.values(parts)) expect(text).not.toContain(part);
      }
      expect(nonces.size).toBe(50);
    });

    test('[KEY-3] other keys take the place of the former ones in one step, and are removed by their owner', async () => {
      const owner = newOwner();
      await keys.put(owner, newParts(), NOW);
      const second = newParts();
      await keys.put(owner, second, NOW + 1);
      expect(await open(owner)).toEqual(second);
      expect(await keys.tail(owner.userId, owner.accountId)).toMatchObject({ setAt: NOW + 1 });
      expect(await keys.remove(owner.userId, owner.accountId)).toBe(true);
      expect(await keys.remove(owner.userId, owner.accountId)).toBe(false);
      expect(await open(owner)).toBeUndefined();
      expect(await keys.tail(owner.userId, owner.accountId)).toBeUndefined();
    });

    test('[KEY-4] two users never mix: neither sees, replaces nor removes what the other has set', async () => {
      const [mine, theirs] = [newOwner(), newOwner()];
      const [myParts, theirParts] = [newParts(), newParts()];
      await keys.put(mine, myParts, NOW);
      await keys.put(theirs, theirParts, NOW);
      const intruder = { ...theirs, accountId: mine.accountId };
      await expect(keys.put(intruder, theirParts, NOW)).rejects.toMatchObject({ fault: 'of_another_user' });
      expect(await keys.tail(theirs.userId, mine.accountId)).toBeUndefined();
      expect(await keys.remove(theirs.userId, mine.accountId)).toBe(false);
      expect(await open(mine)).toEqual(myParts);
      expect(await open(theirs)).toEqual(theirParts);
    });

    test('[KEY-5] a record moved to another user, account or venue does not open, nor does one that was changed', async () => {
      const owner = newOwner();
      const damaged = { fault: 'damaged', accountId: expect.any(String) };
      await keys.put(owner, newParts(), NOW);
      const row = await rowOf(owner.accountId);
      const flipped = Uint8Array.from(row.ciphertext);
      flipped[3] = (flipped[3] ?? 0) ^ 1;
      const moved: SealedKeys[] = [
        { ...row, accountId: 'moved-account' },
        { ...row, accountId: 'moved-user', userId: 'user-x' },
        { ...row, accountId: 'changed', ciphertext: flipped },
        { ...row, accountId: 'cut', ciphertext: row.ciphertext.subarray(0, 8) },
        { ...row, accountId: 'short', nonce: row.nonce.subarray(0, 4) },
      ];
      for (const one of moved) {
        expect(await under.rows.put(one)).toBe(true);
        await expect(keys.open(one.accountId, one.venue), one.accountId).rejects.toMatchObject(damaged);
      }
      await expect(keys.open(owner.accountId, 'other')).rejects.toMatchObject(damaged);
      await under.rows.remove(owner.userId, owner.accountId);
      await under.rows.put({ ...row, userId: 'user-x' });
      await expect(open(owner)).rejects.toMatchObject(damaged);
      await under.rows.remove('user-x', owner.accountId);
      await under.rows.put({ ...row, venue: 'other' });
      await expect(keys.open(owner.accountId, 'other')).rejects.toMatchObject(damaged);
    });

    test('[KEY-6] under another encryption key they do not open, and it is said why, without a word of them', async () => {
      const owner = newOwner();
      const parts = newParts();
      await keys.put(owner, parts, NOW);
      const other = new SealedVenueKeys(under.rows, {
        encryptionKey: randomBytes(32),
        formerEncryptionKeys: [randomBytes(32)],
      });
      const error: unknown = await other
        .open(owner.accountId, owner.venue)
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ fault: 'sealed_with_another_key', accountId: owner.accountId });
      const text = `${String(error)} ${JSON.stringify(error)}`;
      for (const part of [...Object.values(parts), encryptionKey.toString('hex')])
        expect(text).not.toContain(part);
      expect(await other.tail(owner.userId, owner.accountId)).toMatchObject({ setAt: NOW });
      expect(await open(owner)).toEqual(parts);
    });

    test('[KEY-7] with the former key given they open, and are under the present one from then on', async () => {
      const rotated = randomBytes(32);
      const [used, unused, lost] = [newOwner(), newOwner(), newOwner()];
      const [usedParts, unusedParts] = [newParts(), newParts()];
      await keys.put(used, usedParts, NOW);
      await keys.put(unused, unusedParts, NOW);
      await under.rows.put({ ...(await rowOf(unused.accountId)), ...lost, keyId: 'of nobody' });
      const during = new SealedVenueKeys(under.rows, {
        encryptionKey: rotated,
        formerEncryptionKeys: [encryptionKey],
      });
      const after = new SealedVenueKeys(under.rows, { encryptionKey: rotated, formerEncryptionKeys: [] });
      const openAfter = ({ accountId, venue }: KeyOwner) => after.open(accountId, venue);
      await expect(openAfter(used)).rejects.toMatchObject({ fault: 'sealed_with_another_key' });
      expect(await during.open(used.accountId, used.venue)).toEqual(usedParts);
      expect(await openAfter(used)).toEqual(usedParts);
      await expect(openAfter(unused)).rejects.toMatchObject({ fault: 'sealed_with_another_key' });
      const first = await during.resealAll();
      expect(first.resealed).toBeGreaterThan(0);
      expect(first.closed).toBeGreaterThan(0);
      expect(await openAfter(unused)).toEqual(unusedParts);
      expect(await after.tail(unused.userId, unused.accountId)).toMatchObject({ setAt: NOW });
      expect(await during.resealAll()).toEqual({ resealed: 0, closed: first.closed });
    });

    test('[KEY-7] sealing anew never brings back keys that were replaced meanwhile', async () => {
      const owner = newOwner();
      await keys.put(owner, newParts(), NOW);
      const before = await rowOf(owner.accountId);
      const newer = newParts();
      await keys.put(owner, newer, NOW + 1);
      expect(await under.rows.reseal({ ...before, keyId: 'x' }, before.nonce)).toBe(false);
      await keys.remove(owner.userId, owner.accountId);
      expect(await under.rows.reseal(before, before.nonce)).toBe(false);
      expect(await under.rows.get(owner.accountId)).toBeUndefined();
    });
  });
}
