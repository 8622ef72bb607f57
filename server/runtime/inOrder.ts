/** Answers to questions that are asked side by side, handed out in the order in which they were asked, for each key apart. */
export class InOrder {
  readonly #last = new Map<string, Promise<void>>();

  /** What `answer` brings, once all that was asked before under `key` has brought something or failed. */
  async take<T>(key: string, answer: Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const ended = Promise.allSettled([before, answer]).then(() => {
      if (this.#last.get(key) === ended) this.#last.delete(key);
    });
    this.#last.set(key, ended);
    await before;
    return answer;
  }
}
