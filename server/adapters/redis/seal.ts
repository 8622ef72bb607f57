import { createHmac, timingSafeEqual } from 'node:crypto';

/** Characters of a SHA-256 in base64url. */
const SEAL_CHARS = 43;
/** Keeps this key apart from whatever else the secret is used for. */
const PURPOSE = 'fillwire bus';

/**
 * Tells the messages of our processes from what anybody else says on the same Redis: each is sealed, for its channel,
 * with a key made of the secret that only our processes share.
 */
export class Seal {
  readonly #key: Buffer;

  constructor(secret: string) {
    this.#key = createHmac('sha256', secret).update(PURPOSE).digest();
  }

  put(channel: string, text: string): string {
    return this.#of(channel, text).toString('base64url') + text;
  }

  /** The text under a seal of ours; undefined: it is not ours. */
  open(channel: string, sealed: string): string | undefined {
    const text = sealed.slice(SEAL_CHARS);
    const given = Buffer.from(sealed.slice(0, SEAL_CHARS), 'base64url');
    const right = this.#of(channel, text);
    return given.length === right.length && timingSafeEqual(given, right) ? text : undefined;
  }

  #of(channel: string, text: string): Buffer {
    return createHmac('sha256', this.#key).update(`${channel}\n`).update(text).digest();
  }
}
