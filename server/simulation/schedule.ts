interface Entry {
  at: number;
  order: number;
  run(): void;
}

/** What is to happen, by world time; at the same time, in the order it was asked for. */
export class Schedule {
  /** Milliseconds since the world began. */
  now = 0;
  #heap: Entry[] = [];
  #order = 0;

  after(delayMs: number, run: () => void): void {
    this.at(this.now + delayMs, run);
  }

  at(at: number, run: () => void): void {
    const heap = this.#heap;
    let index = heap.length;
    const entry: Entry = { at, order: this.#order++, run };
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isEarlier(entry, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  /** Runs what is next; false when nothing is left. */
  runNext(): boolean {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return false;
    if (heap.length > 0) this.#sink(last);
    this.now = Math.max(this.now, first.at);
    first.run();
    return true;
  }

  #sink(entry: Entry): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && isEarlier(right, left)) child += 1;
      const next = right !== undefined && isEarlier(right, left) ? right : left;
      if (!isEarlier(next, entry)) break;
      heap[index] = next;
      index = child;
    }
    heap[index] = entry;
  }
}

function isEarlier(a: Entry, b: Entry): boolean {
  return a.at === b.at ? a.order < b.order : a.at < b.at;
}
