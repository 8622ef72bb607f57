/** How long a client order id stays taken, milliseconds. */
export const CLIENT_ID_MEMORY_MS = 24 * 3_600_000;
/** Ids an account may use within that time; more orders are refused until old ones are forgotten. */
export const MAX_CLIENT_IDS = 200_000;

/** The client order ids an account used lately. */
export class ClientIds {
  readonly #usedAt = new Map<string, number>();

  /** Market milliseconds an id stays taken. */
  constructor(readonly memoryMs: number) {}

  add(clientOrderId: string, ts: number): void {
    this.#usedAt.set(clientOrderId, ts);
  }

  has(clientOrderId: string, now: number): boolean {
    const ts = this.#usedAt.get(clientOrderId);
    return ts !== undefined && now - ts < this.memoryMs;
  }

  full(now: number): boolean {
    if (this.#usedAt.size < MAX_CLIENT_IDS) return false;
    for (const [clientOrderId, ts] of this.#usedAt) {
      if (now - ts < this.memoryMs) break;
      this.#usedAt.delete(clientOrderId);
    }
    return this.#usedAt.size >= MAX_CLIENT_IDS;
  }
}
