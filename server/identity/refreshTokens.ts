import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/** Tells a refresh token from an access token at a glance, and secret scanners what they found. */
export const REFRESH_PREFIX = 'fwr_';

const FORMAT = /^fwr_([A-Za-z0-9-]{1,64})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{22})$/;

/**
 * Refresh tokens: `fwr_<session>.<secret>.<seal>`, opaque to everybody else, stored only as SHA-256. The successor of
 * a token is a keyed hash of it, so that its second bearer gets the same one without any token being stored. The
 * seal shows that a token was once issued here: only such a token, used late, is evidence of a theft; anybody can
 * make up the rest.
 */
export class RefreshTokens {
  readonly #key: Uint8Array;

  constructor(jwtSecret: string) {
    this.#key = new Uint8Array(hkdfSync('sha256', jwtSecret, '', 'fillwire refresh tokens', 32));
  }

  first(sessionId: string): string {
    return this.#seal(sessionId, randomBytes(32).toString('base64url'));
  }

  successor(token: string): string {
    return this.#seal(this.sessionOf(token) ?? '', this.#mac('successor', token));
  }

  /** The session a token was issued for; undefined: never issued here. */
  sessionOf(token: string): string | undefined {
    const [, sessionId, secret, seal] = FORMAT.exec(token) ?? [];
    if (sessionId === undefined || secret === undefined || seal === undefined) return undefined;
    const expected = Buffer.from(this.#sealOf(sessionId, secret));
    return timingSafeEqual(expected, Buffer.from(seal)) ? sessionId : undefined;
  }

  static hash(token: string): string {
    return createHash('sha256').update(token).digest('hex');
  }

  #seal(sessionId: string, secret: string): string {
    return `${REFRESH_PREFIX}${sessionId}.${secret}.${this.#sealOf(sessionId, secret)}`;
  }

  #sealOf(sessionId: string, secret: string): string {
    return this.#mac('seal', `${sessionId}.${secret}`).slice(0, 22);
  }

  #mac(purpose: string, text: string): string {
    return createHmac('sha256', this.#key).update(`${purpose}:${text}`).digest('base64url');
  }
}
