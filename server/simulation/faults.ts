import type { Random } from './random.ts';

/** What can go wrong with a message, a commit or a stop: drawn at each opportunity. With the usual probability. */
export const CHANCES = {
  request_lost: 0.08,
  response_lost: 0.09,
  request_late: 0.09,
  request_beyond_lease: 0.12,
  slow_call: 0.03,
  lane_wait: 0.05,
  rate_limited: 0.13,
  read_failed: 0.03,
  read_silent: 0.006,
  reading_lags: 0.5,
  reading_omits: 0.12,
  reading_partial: 0.12,
  order_rejected: 0.22,
  book_empty: 0.25,
  stop_rejected: 1,
  late_fill: 1,
  stop_missing: 0.2,
  stop_missing_without_trace: 0.25,
  push_dropped: 0.025,
  push_duplicated: 0.03,
  push_delayed: 0.04,
  push_reordered: 0.03,
  commit_failed: 0.008,
  commit_answer_lost: 0.014,
  commit_never_arrived: 0.01,
  commit_late: 0.01,
  commit_slow: 0.02,
  crash_before_commit: 0.014,
  crash_commit_answer_lost: 0.009,
  crash_after_commit: 0.014,
  crash_between_effects: 0.012,
  crash_after_effect: 0.09,
  crash_in_takeover: 0.1,
  crash_in_recovery: 0.15,
  pause_before_send: 0.012,
  command_lost: 0.01,
  command_answer_lost: 0.01,
  command_repeated: 0.09,
  command_id_reused: 0.02,
  warmup_failed: 0.06,
  bar_corrected: 0.03,
  bill_dated_ahead: 0.17,
  fill_before_answer: 0.5,
  fill_without_id: 0.3,
  fill_late: 0.3,
  bill_late: 1,
  frames_lost: 0.02,
} as const;
export type Chance = keyof typeof CHANCES;

/** How long a process sleeps so that its lease is over when it wakes, world ms. */
export const BEYOND_LEASE_MS = [10_500, 25_000] as const;

/** What strikes from outside, between two steps. Weights of one against the others. */
export const STRIKES = {
  crash_in_flight: 2,
  pause: 1.5,
  pause_beyond_lease: 4,
  hand_over: 2.3,
  split: 2.2,
  database_away: 2.2,
  rate_limit: 1.5,
  disconnect: 2.5,
  maintenance: 1.6,
  reads_fail: 2,
  feed_gap: 1.5,
  clock_forward: 1.2,
  clock_back: 1.2,
  market_clock: 1,
  price_jump: 6,
  adl: 4,
  leverage_change: 2.8,
  delisting: 1.2,
  instrument_change: 0.8,
  transfer: 0.9,
  foreign_order: 1.3,
  foreign_fill: 1.6,
  foreign_stop: 2.5,
  decision_fails: 1.7,
  device_lost: 1.2,
  race: 1,
  command: 45,
} as const;
/** What users do on purpose to come past a limit; weights as those of strikes. */
export const TRIAL_WEIGHTS = {
  addition_by_hand: 2,
  growth_in_flight: 1.5,
  loss_beside_breach: 0.7,
  lost_day: 0.5,
  two_breaches: 1.2,
  account_under_stop: 0.4,
} as const;
export type Trial = keyof typeof TRIAL_WEIGHTS;
export type Strike = keyof typeof STRIKES | Trial;

/** How one seed is made to suffer: some faults often, some not at all, so that each is also met alone. */
export interface FaultPlan {
  chances: Record<Chance, number>;
  strikes: [Strike, number][];
  /** Chance of a strike before each event of the world. */
  strikeRate: number;
  /** The wall clock is set by whole hours only. */
  setsHours: boolean;
}

const SCALES = [
  [0, 2],
  [0.5, 2],
  [1, 3],
  [3, 2],
  [8, 1],
] as const;

/** Nothing fails nearly always: it would never come to anything else. */
const MOST_LIKELY = 0.5;
/** But what comes late: it keeps nothing from going on. */
const LATE: ReadonlySet<string> = new Set<Chance>(['late_fill', 'bill_late']);
const MOST_LIKELY_LATE = 0.9;
/** What needs a world that trades to be met often: some seeds, in percent, have one of these and hardly anything else. */
const ALONE: readonly (readonly [names: readonly (Chance | Strike)[], percent: number])[] = [
  [['stop_rejected'], 6],
  [['fill_before_answer', 'fill_without_id', 'fill_late', 'bill_late'], 6],
  [['late_fill'], 12],
  [['reading_lags', 'reading_omits', 'reading_partial'], 5],
  [['lane_wait'], 4],
  [['addition_by_hand', 'growth_in_flight'], 4],
  [['loss_beside_breach'], 2],
  [['two_breaches'], 2],
  [['lost_day', 'transfer', 'bill_dated_ahead'], 2],
  [['account_under_stop'], 2],
];
const NOT_ALONE_PERCENT = ALONE.reduce((left, [, percent]) => left - percent, 100);
/** Of a strike, in a seed of its own. */
const ALONE_WEIGHT = 30;

const mostLikely = (name: string): number => (LATE.has(name) ? MOST_LIKELY_LATE : MOST_LIKELY);

export function drawPlan(random: Random): FaultPlan {
  const isCalm = random.chance(0.1);
  const alone = random.weighted<readonly string[] | undefined>([...ALONE, [undefined, NOT_ALONE_PERCENT]]);
  const scale = (): number => (isCalm || alone !== undefined ? 0 : random.weighted(SCALES));
  const chances = Object.fromEntries(
    Object.entries(CHANCES).map(([name, chance]) => [
      name,
      Math.min(alone?.includes(name) === true ? 1 : chance * scale(), mostLikely(name)),
    ]),
  ) as Record<Chance, number>;
  const weights = Object.entries({ ...STRIKES, ...TRIAL_WEIGHTS }) as [Strike, number][];
  const strikes = weights.map(([name, weight]): [Strike, number] => {
    if (name === 'command') return [name, weight];
    return [name, alone?.includes(name) === true ? ALONE_WEIGHT : weight * scale()];
  });
  return { chances, strikes, strikeRate: random.pick([0.008, 0.02, 0.05]), setsHours: false };
}

/** At a venue that is known for it, whatever else fails there. */
export function lagOften({ chances }: FaultPlan): void {
  for (const name of ['reading_lags', 'reading_omits', 'reading_partial'] as const)
    chances[name] = Math.max(chances[name], CHANCES[name] * 2);
}

/** What a wall clock that is set back must not hold up: stops that never came, and calls whose answer is lost. */
const BESIDE_CLOCK: ReadonlySet<string> = new Set<Chance>([
  'stop_missing',
  'stop_missing_without_trace',
  'response_lost',
]);

/** The same seed with nothing but people who trade and a wall clock that is set back by an hour, again and again. */
export function clockAlone(plan: FaultPlan): FaultPlan {
  const chances = Object.fromEntries(
    Object.entries(CHANCES).map(([name, chance]) => [name, BESIDE_CLOCK.has(name) ? chance : 0]),
  ) as Record<Chance, number>;
  const strikes = plan.strikes.map(
    ([name]) =>
      [name, name === 'command' ? STRIKES.command : name === 'clock_back' ? 5 : 0] as [Strike, number],
  );
  return { ...plan, chances, strikes, setsHours: true };
}

/** Makes some faults as likely as any: what they meet is met soon. */
export function makeOften(plan: FaultPlan, names: readonly (Chance | Strike)[]): void {
  for (const name of names)
    if (isChance(name)) plan.chances[name] = Math.max(plan.chances[name], MOST_LIKELY);
  const often = (name: Strike): boolean => names.includes(name);
  plan.strikes = plan.strikes.map(([name, weight]) => [name, often(name) ? OFTEN_WEIGHT : weight]);
}

/** Of a strike, beside the 45 of commands. */
const OFTEN_WEIGHT = 15;
const isChance = (name: string): name is Chance => Object.hasOwn(CHANCES, name);

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
