import { createHmac } from 'node:crypto';

/** As its owner gave it. */
export interface KeyParts {
  apiKey: string;
  secret: string;
  passphrase: string;
}

const HIDDEN = '[redacted]';
/** How much of a key may be shown, so that its owner knows which it is. */
const TAIL_CHARS = 4;

/**
 * A key of an account. Its parts leave it only signed or in the headers that need them: whoever prints, logs or serialises it
 * sees the end of its name.
 */
export class BitgetKeys {
  readonly #apiKey: string;
  readonly #secret: string;
  readonly #passphrase: string;

  constructor({ apiKey, secret, passphrase }: KeyParts) {
    this.#apiKey = apiKey;
    this.#secret = secret;
    this.#passphrase = passphrase;
  }

  /** The last characters of its name; of a short name, nothing. */
  get tail(): string {
    return this.#apiKey.length > 2 * TAIL_CHARS ? this.#apiKey.slice(-TAIL_CHARS) : '';
  }

  /** Headers of a request: `target` is its path with the query. */
  headers(ts: number, method: 'GET' | 'POST', target: string, body: string): Record<string, string> {
    return {
      'ACCESS-KEY': this.#apiKey,
      'ACCESS-SIGN': this.#sign(`${ts}${method}${target}${body}`),
      'ACCESS-TIMESTAMP': String(ts),
      'ACCESS-PASSPHRASE': this.#passphrase,
    };
  }

  /** The arguments of a socket's login. */
  login(ts: number): { apiKey: string; passphrase: string; timestamp: string; sign: string } {
    const timestamp = String(Math.floor(ts / 1_000));
    return {
      apiKey: this.#apiKey,
      passphrase: this.#passphrase,
      timestamp,
      sign: this.#sign(`${timestamp}GET/user/verify`),
    };
  }

  /** The text without any part of the key, also as JSON or an address would spell it. */
  redact(text: string): string {
    const parts = [this.#apiKey, this.#secret, this.#passphrase].filter((part) => part !== '');
    const spelled = parts.flatMap((part) => [
      part,
      JSON.stringify(part).slice(1, -1),
      encodeURIComponent(part),
    ]);
    return [...new Set(spelled)]
      .sort((a, b) => b.length - a.length)
      .reduce((clean, part) => clean.replaceAll(part, HIDDEN), text);
  }

  toJSON(): string {
    return `…${this.tail}`;
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#secret).update(text).digest('base64');
  }
}
