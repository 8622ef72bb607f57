/** Accounts of desks just woken, until each has been read: what happened there meanwhile is not known before. */
export class Comparing {
  readonly #desks = new Map<string, { accounts: Set<string>; waiting: (() => void)[] }>();

  has(deskId: string): boolean {
    return this.#desks.has(deskId);
  }

  begin(deskId: string, accountIds: Iterable<string>): void {
    const accounts = new Set(accountIds);
    if (accounts.size > 0) this.#desks.set(deskId, { accounts, waiting: [] });
  }

  /** One was read, or cannot be, which its status says. */
  read(deskId: string, accountId: string): void {
    const known = this.#desks.get(deskId);
    known?.accounts.delete(accountId);
    if (known?.accounts.size === 0) this.end(deskId);
  }

  /** Its desk knows by itself that they are not in step. */
  end(deskId: string): void {
    const known = this.#desks.get(deskId);
    this.#desks.delete(deskId);
    for (const resolve of known?.waiting ?? []) resolve();
  }

  done(deskId: string): Promise<void> {
    const known = this.#desks.get(deskId);
    if (known === undefined) return Promise.resolve();
    return new Promise((resolve) => known.waiting.push(resolve));
  }
}
