import { expect, test } from 'vitest';
import { TRIAL_WEIGHTS } from '../faults.ts';
import { EVENT_MINIMUM, FAULT_MINIMUM, FULL_RUN, goalsOf, missed, TRIAL_MINIMUM } from './goals.ts';

test('[SIMU-9] a full run passes only when every fault, crash point and event was met often enough', () => {
  const none = goalsOf(new Map(), { seeds: FULL_RUN.seeds, steps: FULL_RUN.steps });
  expect(missed(none)).toHaveLength(none.length - 2);
  const names = none.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['crash_after_commit', 'foreign_fill', 'emergency stops']));
  expect(names).not.toContain('command');
  const counts = new Map(names.map((name) => [`fault:${name}`, FAULT_MINIMUM]));
  const trials = Object.keys(TRIAL_WEIGHTS);
  expect(names).toEqual(expect.arrayContaining(trials));
  for (const name of trials) counts.set(`trial:${name}`, TRIAL_MINIMUM);
  for (const event of ['partial fill', 'StopReplaced', 'emergency latched', 'FillHeld', 'rate half used'])
    counts.set(`met:${event}`, EVENT_MINIMUM);
  for (const kind of ['cursor_repeated', 'cursor_gap', 'order_renamed', 'stop_became_order'])
    counts.set(`fault:${kind}`, EVENT_MINIMUM);
  expect(missed(goalsOf(counts, FULL_RUN))).toEqual([]);
  counts.set('fault:crash_after_commit', FAULT_MINIMUM - 1);
  expect(missed(goalsOf(counts, FULL_RUN)).map(({ name }) => name)).toEqual(['crash_after_commit']);
  counts.set('trial:lost_day', TRIAL_MINIMUM - 1);
  expect(missed(goalsOf(counts, FULL_RUN)).map(({ name }) => name)).toContain('lost_day');
  expect(missed(goalsOf(counts, { seeds: 1, steps: FULL_RUN.steps })).map(({ name }) => name)).toContain(
    'seeds',
  );
});
