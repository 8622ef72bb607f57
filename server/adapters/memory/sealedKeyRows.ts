import type { SealedKeyRows, SealedKeys } from '../../ports/venueKeys.ts';

/** Sealed keys in memory. */
export class MemorySealedKeyRows implements SealedKeyRows {
  readonly rows = new Map<string, SealedKeys>();

  async put(row: SealedKeys): Promise<boolean> {
    const former = this.rows.get(row.accountId);
    if (former !== undefined && former.userId !== row.userId) return false;
    this.rows.set(row.accountId, row);
    return true;
  }

  async get(accountId: string): Promise<SealedKeys | undefined> {
    return this.rows.get(accountId);
  }

  async reseal(row: SealedKeys, before: Uint8Array): Promise<boolean> {
    const former = this.rows.get(row.accountId);
    if (former === undefined || !Buffer.from(former.nonce).equals(before)) return false;
    const { keyId, nonce, ciphertext } = row;
    this.rows.set(row.accountId, { ...former, keyId, nonce, ciphertext });
    return true;
  }

  async remove(userId: string, accountId: string): Promise<boolean> {
    return this.rows.get(accountId)?.userId === userId && this.rows.delete(accountId);
  }

  async notUnder(keyId: string): Promise<string[]> {
    return [...this.rows.values()].filter((row) => row.keyId !== keyId).map((row) => row.accountId);
  }
}
