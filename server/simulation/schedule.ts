interface Entry {
  at: number;
  order: number;
  /** Undefined: it was cancelled. */
  run: (() => void) | undefined;
  isTimer: boolean;
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
    this.#add(at, run, false);
  }

  /** A process's own, which is no move of the world; what is returned cancels it. */
  timer(delayMs: number, run: () => void): () => void {
    const entry = this.#add(this.now + delayMs, run, true);
    return () => {
      entry.run = undefined;
    };
  }

  #add(at: number, run: () => void, isTimer: boolean): Entry {
    const heap = this.#heap;
    let index = heap.length;
    const entry: Entry = { at, order: this.#order++, run, isTimer };
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isEarlier(entry, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
    return entry;
  }

  /** Runs what is next; false when nothing is left. */
  runNext(): boolean {
    return this.#runNext() !== undefined;
  }

  /** Runs the next move of the world, with all timers before it and those it leads to at once; `settle` after each. */
  runMove(settle: () => void): void {
    for (let isTimer = true; isTimer; ) {
      isTimer = this.#runNext()?.isTimer === true;
      settle();
    }
    for (let next = this.#heap[0]; next?.isTimer && next.at <= this.now; next = this.#heap[0]) {
      this.#runNext();
      settle();
    }
  }

  #runNext(): Entry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return undefined;
    if (heap.length > 0) this.#sink(last);
    this.now = Math.max(this.now, first.at);
    first.run?.();
    return first;
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
