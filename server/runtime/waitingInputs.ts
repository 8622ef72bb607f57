import type { Input } from '../core/inputs.ts';
import type { Queued } from './deskRecord.ts';

/** What a desk that was read from the log decides before all that waits for it. */
const FIRST: ReadonlySet<string> = new Set<Input['type']>(['PanicFound', 'Recovered', 'Woken']);

/** Taken ones that are kept until they are let go together. */
const KEPT = 4_096;

/** Inputs in the order in which they are taken: that of their coming, but for what desks decide first. */
export class WaitingInputs {
  #first: Queued[] = [];
  #others: Queued[] = [];
  /** Of the others. */
  #next = 0;

  get size(): number {
    return this.#first.length + this.#others.length - this.#next;
  }

  push(queued: Queued): void {
    (FIRST.has(queued.input.type) ? this.#first : this.#others).push(queued);
  }

  take(): Queued | undefined {
    const first = this.#first.shift();
    if (first !== undefined) return first;
    const other = this.#others[this.#next];
    if (other === undefined) return undefined;
    this.#next += 1;
    if (this.#next === this.#others.length || this.#next > KEPT) {
      this.#others = this.#others.slice(this.#next);
      this.#next = 0;
    }
    return other;
  }

  /** The desks of all that waits. */
  desks(): Set<string> {
    return new Set([...this.#first, ...this.#others.slice(this.#next)].map(({ deskId }) => deskId));
  }
}
