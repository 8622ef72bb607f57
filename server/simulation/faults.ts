import type { Random } from './random.ts';

/** What can go wrong with a message, a commit or a stop: drawn at each opportunity. With the usual probability. */
export const CHANCES = {
  request_lost: 0.02,
  response_lost: 0.02,
  request_late: 0.015,
  slow_call: 0.03,
  rate_limited: 0.01,
  read_failed: 0.02,
  order_rejected: 0.02,
  stop_rejected: 0.06,
  stop_missing: 0.02,
  stop_missing_without_trace: 0.01,
  push_dropped: 0.02,
  push_duplicated: 0.03,
  push_delayed: 0.05,
  push_reordered: 0.03,
  commit_failed: 0.004,
  commit_answer_lost: 0.004,
  commit_never_arrived: 0.003,
  commit_slow: 0.02,
  crash_before_commit: 0.004,
  crash_commit_answer_lost: 0.004,
  crash_after_commit: 0.004,
  crash_between_effects: 0.004,
  warmup_failed: 0.02,
} as const;
export type Chance = keyof typeof CHANCES;

/** What strikes from outside, between two steps. Weights of one against the others. */
export const STRIKES = {
  crash_in_flight: 2,
  disconnect: 2,
  maintenance: 1,
  feed_gap: 1,
  clock_forward: 1,
  clock_back: 1,
  foreign_order: 0.5,
  foreign_fill: 0.5,
  command: 50,
} as const;
export type Strike = keyof typeof STRIKES;

/** How one seed is made to suffer: some faults often, some not at all, so that each is also met alone. */
export interface FaultPlan {
  chances: Record<Chance, number>;
  strikes: [Strike, number][];
  /** Chance of a strike before each event of the world. */
  strikeRate: number;
}

const SCALES = [
  [0, 3],
  [0.5, 2],
  [1, 3],
  [4, 2],
] as const;

export function drawPlan(random: Random): FaultPlan {
  const isCalm = random.chance(0.1);
  const scale = (): number => (isCalm ? 0 : random.weighted(SCALES));
  const chances = Object.fromEntries(
    Object.entries(CHANCES).map(([name, chance]) => [name, chance * scale()]),
  ) as Record<Chance, number>;
  const strikes = Object.entries(STRIKES).map(
    ([name, weight]) => [name, name === 'command' ? weight : weight * scale()] as [Strike, number],
  );
  return { chances, strikes, strikeRate: random.pick([0.02, 0.05, 0.1]) };
}

/** How often each fault, crash point and event of interest was met. */
export class Coverage {
  readonly counts = new Map<string, number>();

  count(name: string, times = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + times);
  }

  add(other: Coverage): void {
    for (const [name, times] of other.counts) this.count(name, times);
  }

  /** Lines of the names that begin with `prefix`, sorted. */
  lines(prefix: string): string[] {
    return [...this.counts]
      .filter(([name]) => name.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, times]) => `${String(times).padStart(9)}  ${name.slice(prefix.length)}`);
  }
}
