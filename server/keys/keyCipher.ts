import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_CHARS = 16;
/** Keeps what names a key apart from all else that is made of it. */
const NAME_OF_KEY = 'fillwire name of an encryption key';
const DIGEST = 'fillwire digest of keys';

/** One encryption key: AES-256-GCM with a fresh nonce each time. */
export class KeyCipher {
  /** Names the key: who has it can tell, who has the name learns nothing of it. */
  readonly keyId: string;
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
    this.keyId = createHmac('sha256', key).update(NAME_OF_KEY).digest('hex').slice(0, KEY_ID_CHARS);
  }

  /** Of a text: nobody without the key can find out by trying what it was. */
  digest(text: string): string {
    return createHmac('sha256', this.#key).update(`${DIGEST}\n${text}`).digest('hex');
  }

  /** `bound`: must be the same when it is opened. */
  seal(text: string, bound: string): { nonce: Uint8Array; ciphertext: Uint8Array } {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(bound));
    const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return { nonce, ciphertext };
  }

  /** Undefined: sealed with another key, bound to something else, or changed since. */
  open(nonce: Uint8Array, ciphertext: Uint8Array, bound: string): string | undefined {
    if (nonce.length !== NONCE_BYTES || ciphertext.length < TAG_BYTES) return undefined;
    const decipher = createDecipheriv(ALGORITHM, this.#key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(bound));
    decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES));
    try {
      const opened = [decipher.update(ciphertext.subarray(0, -TAG_BYTES)), decipher.final()];
      return Buffer.concat(opened).toString('utf8');
    } catch {
      return undefined;
    }
  }
}
