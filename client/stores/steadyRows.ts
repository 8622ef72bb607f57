/** A row at its place; `gone`: what it showed is no more, and the place waits for what comes after it. */
export interface SteadyRow<T> {
  /** Stays the same whatever the place shows. */
  place: string;
  row: T;
  gone: boolean;
}

/** Places kept for what is gone; the oldest of them leave beyond it. */
const GONE_PLACES = 20;

/**
 * Gives rows places that they keep while others come and go, so that nothing moves under a finger: what is new takes the
 * place that its predecessor left, or comes last. What is gone stays where it was until then, or for a while.
 */
export class SteadyRows<T> {
  #rows: (SteadyRow<T> & { id: string; goneAt: number })[] = [];
  #count = 0;
  readonly #idOf: (row: T) => string;
  readonly #kindOf: (row: T) => string;
  readonly #endsList: boolean;

  /**
   * `kindOf`: rows of one kind may take each other's place, such as the stops of one position. `endsList`: nothing follows
   * the rows that could move, so that the last of them leave as soon as they are gone.
   */
  constructor(idOf: (row: T) => string, kindOf: (row: T) => string, endsList = false) {
    this.#idOf = idOf;
    this.#kindOf = kindOf;
    this.#endsList = endsList;
  }

  /** `now`: ms of any clock. What was gone before `leaveBefore` of that clock leaves. */
  take(rows: readonly T[], now = 0, leaveBefore = Number.NEGATIVE_INFINITY): SteadyRow<T>[] {
    const left = new Map(rows.map((row) => [this.#idOf(row), row]));
    const next = this.#rows.map((place) => {
      const row = left.get(place.id);
      left.delete(place.id);
      if (row !== undefined) return { ...place, row, gone: false };
      return { ...place, gone: true, goneAt: place.gone ? place.goneAt : now };
    });
    for (const [id, row] of left) {
      const free = next.findIndex(
        ({ gone, row: before }) => gone && this.#kindOf(before) === this.#kindOf(row),
      );
      const place = next[free]?.place ?? `place${this.#count++}`;
      const taken = { place, id, row, gone: false, goneAt: 0 };
      if (free === -1) next.push(taken);
      else next[free] = taken;
    }
    const tooMany = next.filter(({ gone }) => gone).length - GONE_PLACES;
    const leaving = new Set(next.filter(({ gone }) => gone).slice(0, Math.max(0, tooMany)));
    this.#rows = next.filter((place) => !leaving.has(place) && !(place.gone && place.goneAt < leaveBefore));
    while (this.#endsList && this.#rows.at(-1)?.gone === true) this.#rows.pop();
    return this.#rows;
  }
}
