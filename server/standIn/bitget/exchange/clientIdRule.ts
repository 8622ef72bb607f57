import type { Switches } from '../switches.ts';
import type { Books } from './books.ts';
import { Refused } from './refusal.ts';

/** Documented for the unified account. */
const MEMORY_MS = 6 * 3_600_000;
const PATTERN = /^[.A-Z:/a-z0-9_-]{1,32}$/;

/** Whether a client's id may be used. */
export class ClientIdRule {
  readonly #options: { family: 'v2' | 'v3'; switches: Switches; now: () => number };
  readonly #usedAt = new Map<string, number>();

  constructor(options: { family: 'v2' | 'v3'; switches: Switches; now: () => number }) {
    this.#options = options;
  }

  check(clientOid: string | undefined, books: Books): void {
    if (clientOid === undefined) return;
    if (!PATTERN.test(clientOid)) throw new Refused('parameter', 'Parameter clientOid error');
    const { family, switches, now } = this.#options;
    const scope = family === 'v2' ? switches.v2ClientIds : switches.v3ClientIds;
    const usedAt = this.#usedAt.get(clientOid);
    const isRemembered = usedAt !== undefined && now() - usedAt < MEMORY_MS;
    const isPending = [...books.working.values()].some((order) => order.clientOid === clientOid);
    if (scope === 'any') return;
    if (isPending || (scope === 'remembered' && isRemembered))
      throw new Refused('duplicate', 'Duplicate clientOid');
  }

  used(clientOid: string): void {
    this.#usedAt.set(clientOid, this.#options.now());
  }
}
