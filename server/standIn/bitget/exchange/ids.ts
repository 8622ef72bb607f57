/** Ids as the exchange makes them: digits, growing over all accounts. */
export class Ids {
  #last = 1_300_000_000_000_000_000n;

  next(): string {
    this.#last += 7n;
    return this.#last.toString();
  }
}
