import { CHANCES, type Chance, STRIKES, TRIAL_WEIGHTS } from '../faults.ts';

/** What a full run must reach. */
export const FULL_RUN = { seeds: 2_000, steps: 5_000_000 } as const;
/** Times that each fault and crash point must be met, each trial of a limit, and each of what is listed below. */
export const FAULT_MINIMUM = 10_000;
export const TRIAL_MINIMUM = 500;
export const EVENT_MINIMUM = 5_000;
/** Faults of what a venue tells: of each fill, bill or order at most one, and some only where it says that it tells late. */
const TOLD = ['fill_before_answer', 'fill_without_id', 'fill_late', 'bill_late'] as const satisfies Chance[];
const isTold = (name: string): boolean => TOLD.some((told) => told === name);
const EVENTS = {
  'partial fills': 'met:partial fill',
  'stop replacements': 'met:StopReplaced',
  'emergency stops': 'met:emergency latched',
  'fills held': 'met:FillHeld',
  'cursors repeated': 'fault:cursor_repeated',
  'cursors left out': 'fault:cursor_gap',
  'orders given another id': 'fault:order_renamed',
  'stops that became another order': 'fault:stop_became_order',
  'half of a named rate used': 'met:rate half used',
} as const;

export interface Goal {
  name: string;
  actual: number;
  minimum: number;
}

/** The goals of a full run and how far this one got. */
export function goalsOf(
  counts: ReadonlyMap<string, number>,
  totals: { seeds: number; steps: number },
): Goal[] {
  const met = (name: string): number => counts.get(name) ?? 0;
  // What users do is no fault.
  const faults = [...Object.keys(CHANCES), ...Object.keys(STRIKES)].filter((name) => name !== 'command');
  return [
    { name: 'seeds', actual: totals.seeds, minimum: FULL_RUN.seeds },
    { name: 'steps', actual: totals.steps, minimum: FULL_RUN.steps },
    ...faults.map((name) => ({
      name,
      actual: met(`fault:${name}`),
      minimum: isTold(name) ? EVENT_MINIMUM : FAULT_MINIMUM,
    })),
    ...Object.keys(TRIAL_WEIGHTS).map((name) => ({
      name,
      actual: met(`trial:${name}`),
      minimum: TRIAL_MINIMUM,
    })),
    ...Object.entries(EVENTS).map(([name, counted]) => ({
      name,
      actual: met(counted),
      minimum: EVENT_MINIMUM,
    })),
  ];
}

export const missed = (goals: readonly Goal[]): Goal[] =>
  goals.filter(({ actual, minimum }) => actual < minimum);
