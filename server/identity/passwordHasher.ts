import { hash, verify } from '@node-rs/argon2';

/** argon2id (the library's default algorithm) with OWASP's first choice: 19 MiB, 2 passes, 1 lane. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export interface HasherLimits {
  /** Hashes under way at once: each takes a thread and 19 MiB. */
  concurrent: number;
  /** Hashes that wait for their turn; one more is refused. */
  queued: number;
}
export const HASHER_LIMITS: HasherLimits = { concurrent: 2, queued: 64 };

/** Too many passwords are being checked; try again in a moment. */
export class HasherBusy extends Error {
  override name = 'HasherBusy';
}

/** Hashes passwords off the event loop, a bounded number at a time. Throws HasherBusy beyond the queue. */
export class PasswordHasher {
  #running = 0;
  readonly #waiting: Array<() => void> = [];
  readonly #limits: HasherLimits;
  #dummy: Promise<string> | undefined;

  constructor(limits: HasherLimits = HASHER_LIMITS) {
    this.#limits = limits;
  }

  hash(password: string): Promise<string> {
    return this.#take(() => hash(password, OPTIONS));
  }

  /** Without a stored hash it does the same work and says no: an unknown user must not answer faster. */
  async matches(storedHash: string | undefined, password: string): Promise<boolean> {
    if (storedHash !== undefined) return this.#take(() => verify(storedHash, password));
    this.#dummy ??= hash('nobody has this password', OPTIONS);
    const decoy = await this.#dummy;
    await this.#take(() => verify(decoy, password));
    return false;
  }

  async #take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limits.concurrent) {
      if (this.#waiting.length >= this.#limits.queued)
        throw new HasherBusy('too many passwords are being checked');
      await new Promise<void>((resume) => this.#waiting.push(resume));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      // The place goes to the next in line, so nobody who comes now can overtake.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
