interface Mark {
  openTime: number;
  /** Of the desk when it had been decided on. */
  seq: number;
}

/**
 * Up to which bar of each series the bots of a desk were asked, in the memory of whoever runs it. What was decided on a
 * bar is lost with its batch: then the bar is due again.
 */
export class GivenBars {
  /** Per series, oldest first. */
  readonly #marks = new Map<string, Mark[]>();

  /** Wall time since when bars that are due cannot be judged. */
  readonly #waiting = new Map<string, number>();

  newest(series: string): number | undefined {
    return this.#marks.get(series)?.at(-1)?.openTime;
  }

  /** Bots were asked about the bar; what they want is durable once the log has reached `seq`. */
  give(series: string, mark: Mark, committedSeq: number): void {
    const marks = this.#marks.get(series) ?? [];
    const durable = marks.findLastIndex(({ seq }) => seq <= committedSeq);
    this.#marks.set(series, [...marks.slice(Math.max(durable, 0)), mark]);
  }

  /** What is due cannot be judged for now; true: it is waited for on, no longer than `patienceMs` since it last could. */
  waits(series: string, wallTime: number, patienceMs: number): boolean {
    const since = this.#waiting.get(series) ?? wallTime;
    this.#waiting.set(series, since);
    return wallTime - since < patienceMs;
  }

  /** It can be judged. */
  waitsNoMore(series: string): void {
    this.#waiting.delete(series);
  }

  /** The desk is what is durable again, up to `seq`. */
  rewind(toSeq: number): void {
    for (const [series, marks] of this.#marks) {
      const durable = marks.filter(({ seq }) => seq <= toSeq);
      if (durable.length === 0) this.#marks.delete(series);
      else this.#marks.set(series, durable);
    }
  }
}
