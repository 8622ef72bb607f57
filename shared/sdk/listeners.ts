/** A set of listeners. One that throws is reported like a failed event handler and stops none of the others. */
export class Listeners<T> {
  readonly #entries = new Set<{ run: (value: T) => void }>();

  add(run: (value: T) => void): () => void {
    const entry = { run };
    this.#entries.add(entry);
    return () => {
      this.#entries.delete(entry);
    };
  }

  emit(value: T): void {
    for (const entry of [...this.#entries]) callSafely(entry.run, value);
  }
}

export function callSafely<T>(run: (value: T) => void, value: T): void {
  try {
    run(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
