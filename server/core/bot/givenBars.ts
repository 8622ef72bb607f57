/** A bar that bots were asked about, with the positions (`positionId`) of those that were. */
interface Given {
  openTime: number;
  positions: readonly string[];
  /** Some bots were asked again: the others had been before. */
  again: boolean;
  /** Of the desk when it had been decided on. */
  seq: number;
}

interface Mark {
  openTime: number;
  /** Up to which bar the owner of each position known then was asked. */
  asked: ReadonlyMap<string, number>;
  seq: number;
}

/** Bars given up that are remembered per series; older ones are looked at by nobody any more. */
const GIVEN_UP_LIMIT = 1_200;

/**
 * Up to which bar of each series the bots of a desk were asked, in the memory of whoever runs it. What was decided on a
 * bar is lost with its batch: then the bar is due again.
 */
export class GivenBars {
  /** Per series, oldest first. */
  readonly #marks = new Map<string, Mark[]>();

  /** Wall time since when bars that are due cannot be judged. */
  readonly #waiting = new Map<string, number>();

  /** Bars that nothing could be decided on, per series. */
  readonly #givenUp = new Map<string, Set<number>>();

  /** The newest bar of each series that had closed before anybody here looked. */
  readonly #found = new Map<string, number>();

  newest(series: string): number | undefined {
    return this.#marks.get(series)?.at(-1)?.openTime;
  }

  /** Up to which bar the owner of the position was asked; undefined: about none since it is known. */
  askedUpTo(series: string, position: string): number | undefined {
    return this.#marks.get(series)?.at(-1)?.asked.get(position);
  }

  /** Bots were asked about the bar; what they want is durable once the log has reached `seq`. */
  give(series: string, { openTime, positions, again, seq }: Given, committedSeq: number): void {
    const marks = this.#marks.get(series) ?? [];
    const last = marks.at(-1);
    const asked = new Map(again ? last?.asked : []);
    for (const position of positions) asked.set(position, openTime);
    const mark = { openTime: Math.max(openTime, last?.openTime ?? openTime), asked, seq };
    const durable = marks.findLastIndex((earlier) => earlier.seq <= committedSeq);
    this.#marks.set(series, [...marks.slice(Math.max(durable, 0)), mark]);
  }

  /** A decision on the bar failed, and would again. */
  giveUp(series: string, openTime: number): void {
    const bars = this.#givenUp.get(series) ?? new Set();
    this.#givenUp.set(series, bars.add(openTime));
    const [oldest] = bars;
    if (bars.size > GIVEN_UP_LIMIT && oldest !== undefined) bars.delete(oldest);
  }

  isGivenUp(series: string, openTime: number): boolean {
    return this.#givenUp.get(series)?.has(openTime) === true;
  }

  /** Nobody here has seen this bar, or one before it, close. */
  find(series: string, openTime: number): void {
    this.#found.set(series, openTime);
  }

  wasFound(series: string, openTime: number): boolean {
    return openTime <= (this.#found.get(series) ?? Number.NEGATIVE_INFINITY);
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
