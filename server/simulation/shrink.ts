import { type Failure, runSeed, type SeedRun } from './runSeed.ts';

export interface Shortened {
  run: SeedRun;
  failure: Failure;
  /** Moves with a fault, a strike or a command that are still needed. */
  needed: number;
  /** Of so many at first. */
  outOf: number;
}

/**
 * The same failure with fewer faults and commands: leaves out half of them, then quarters and so on, as long as the same
 * invariant still breaks. `moves` bounds what is spent on it, in moves of the world: seconds would give another history each
 * time.
 */
export function shorten(run: SeedRun, moves: number): Shortened | null {
  const first = runSeed(run);
  if (first.failure === null) return null;
  let { failure } = first;
  let needed = first.active;
  const outOf = needed.length;
  const leftOut = (kept: readonly number[]): Set<number> => {
    const keep = new Set(kept);
    return new Set(first.active.filter((move) => !keep.has(move)));
  };
  let chunk = Math.ceil(needed.length / 2);
  let left = moves;
  while (chunk >= 1 && left > 0) {
    let removed = false;
    for (let from = 0; from < needed.length && left > 0; ) {
      const kept = [...needed.slice(0, from), ...needed.slice(from + chunk)];
      const tried = runSeed({ ...run, leftOut: leftOut(kept), maxMoves: failure.move + MORE_MOVES });
      left -= tried.moves;
      if (tried.failure?.invariant === failure.invariant) {
        failure = tried.failure;
        needed = kept.filter((move) => move <= tried.moves);
        removed = true;
      } else from += chunk;
    }
    if (chunk === 1 && !removed) break;
    chunk = chunk === 1 ? 1 : Math.ceil(chunk / 2);
  }
  const shortest: SeedRun = { ...run, leftOut: leftOut(needed), maxMoves: failure.move + MORE_MOVES };
  return { run: shortest, failure, needed: needed.length, outOf };
}

/** A shortened history may fail this much later than the one it comes from, moves. */
const MORE_MOVES = 3_000;

/** The last lines of what happens in a run, up to its failure. */
export function historyOf(run: SeedRun, lines: number): string[] {
  const history: string[] = [];
  runSeed({
    ...run,
    trace: (line) => {
      history.push(line);
      if (history.length > lines) history.shift();
    },
  });
  return history;
}
