import type { Figure } from './figure.ts';

export interface BenchContext {
  /** Short runs: the figures are rougher. */
  quick: boolean;
  /** Says on stderr what is being done. */
  progress(text: string): void;
}

/** Something that measures one or more figures. */
export interface Benchmark {
  /** What `--only` matches a part of. */
  name: string;
  /** Left out of `--quick`: needs more than a few seconds whatever one does. */
  fullOnly: boolean;
  run(context: BenchContext): Promise<Figure[]>;
}

/** The middle one of an odd number of values, the lower middle of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** The smallest value that at least `share` (0 to 1) of the values do not exceed. */
export function percentile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
