import { z } from 'zod';
import {
  type KeyOwner,
  type KeyParts,
  type SealedKeyRows,
  type SealedKeys,
  type ShownKeys,
  type VenueKeys,
  VenueKeysError,
} from '../ports/venueKeys.ts';
import { KeyCipher } from './keyCipher.ts';

/** Characters of an api key that are shown; of one that is not well longer, none. */
const TAIL_CHARS = 4;

const partsSchema = z.strictObject({ apiKey: z.string(), secret: z.string(), passphrase: z.string() });

/** Keys sealed under the present encryption key, over rows that somebody else keeps. */
export class SealedVenueKeys implements VenueKeys {
  readonly #rows: SealedKeyRows;
  readonly #present: KeyCipher;
  readonly #all: ReadonlyMap<string, KeyCipher>;

  constructor(
    rows: SealedKeyRows,
    keys: { encryptionKey: Uint8Array; formerEncryptionKeys: readonly Uint8Array[] },
  ) {
    this.#rows = rows;
    this.#present = new KeyCipher(keys.encryptionKey);
    const ciphers = [...keys.formerEncryptionKeys.map((key) => new KeyCipher(key)), this.#present];
    this.#all = new Map(ciphers.map((cipher) => [cipher.keyId, cipher]));
  }

  async put(owner: KeyOwner, parts: KeyParts, at: number): Promise<ShownKeys> {
    const { userId, accountId, venue } = owner;
    const { apiKey, secret, passphrase } = parts;
    const shown: ShownKeys = { tail: tailOf(apiKey), setAt: at };
    const sealed = this.#sealed(owner, JSON.stringify({ apiKey, secret, passphrase }));
    if (await this.#rows.put({ userId, accountId, venue, ...shown, ...sealed })) return shown;
    throw new VenueKeysError('of_another_user', accountId);
  }

  async tail(userId: string, accountId: string): Promise<ShownKeys | undefined> {
    const row = await this.#rows.get(accountId);
    return row === undefined || row.userId !== userId ? undefined : { tail: row.tail, setAt: row.setAt };
  }

  async open(accountId: string, venue: string): Promise<KeyParts | undefined> {
    const row = await this.#rows.get(accountId);
    if (row === undefined) return undefined;
    if (row.venue !== venue) throw new VenueKeysError('damaged', accountId);
    const text = this.#opened(row);
    if (row.keyId !== this.#present.keyId) await this.#reseal(row, text);
    return partsSchema.parse(JSON.parse(text));
  }

  remove(userId: string, accountId: string): Promise<boolean> {
    return this.#rows.remove(userId, accountId);
  }

  fingerprint({ apiKey, secret, passphrase }: KeyParts): string {
    return this.#present.digest(JSON.stringify([apiKey, secret, passphrase]));
  }

  async resealAll(): Promise<{ resealed: number; closed: number }> {
    const count = { resealed: 0, closed: 0 };
    for (const accountId of await this.#rows.notUnder(this.#present.keyId)) {
      const row = await this.#rows.get(accountId);
      // Gone meanwhile, or set anew.
      if (row === undefined || row.keyId === this.#present.keyId) continue;
      try {
        await this.#reseal(row, this.#opened(row));
        count.resealed += 1;
      } catch (error) {
        if (!(error instanceof VenueKeysError)) throw error;
        count.closed += 1;
      }
    }
    return count;
  }

  #opened(row: SealedKeys): string {
    const cipher = this.#all.get(row.keyId);
    if (cipher === undefined) throw new VenueKeysError('sealed_with_another_key', row.accountId);
    const text = cipher.open(row.nonce, row.ciphertext, boundTo(row));
    if (text === undefined) throw new VenueKeysError('damaged', row.accountId);
    return text;
  }

  /** Where somebody set other keys meanwhile, those stay. */
  async #reseal(row: SealedKeys, text: string): Promise<void> {
    await this.#rows.reseal({ ...row, ...this.#sealed(row, text) }, row.nonce);
  }

  #sealed(owner: KeyOwner, text: string): Pick<SealedKeys, 'keyId' | 'nonce' | 'ciphertext'> {
    return { keyId: this.#present.keyId, ...this.#present.seal(text, boundTo(owner)) };
  }
}

/** What a record is sealed together with: as JSON, so that no two owners are spelled alike. */
function boundTo({ userId, accountId, venue }: KeyOwner): string {
  return JSON.stringify(['fillwire venue keys', 1, userId, accountId, venue]);
}

function tailOf(apiKey: string): string {
  return apiKey.length > 2 * TAIL_CHARS ? apiKey.slice(-TAIL_CHARS) : '';
}
