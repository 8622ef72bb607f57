import { z } from 'zod';
import { causeKinds } from './cause.ts';
import { type Figures, type Told, toldMembers } from './figures.ts';

/** What the test of an account looks at, in this order. */
export const accountCheckSchema = z.enum([
  'reachable',
  'clock',
  'family',
  'permissions',
  'no_withdrawal',
  'position_mode',
  'balance',
  'test_order',
]);
export type AccountCheck = z.infer<typeof accountCheckSchema>;

/**
 * - `ok`, `failed`: it was looked at
 * - `skipped`: there was no need, or what it needs failed
 * - `unknown`: the venue did not answer, or does not tell
 */
export const checkOutcomeSchema = z.enum(['ok', 'failed', 'skipped', 'unknown']);
export type CheckOutcome = z.infer<typeof checkOutcomeSchema>;

export const checkKinds = {
  ...causeKinds,
  /** Which API of an exchange an account speaks. */
  family: z.enum(['unified', 'classic']),
  positionMode: z.enum(['one_way', 'hedge']),
} as const;

/** What a check found. */
export const CHECK_FINDINGS = {
  answered: { in: 'duration' },
  no_answer: { within: 'duration' },
  unreachable: {},
  maintenance: {},
  rate_limited: {},
  /** The server keeps its own difference to the venue's clock. */
  clock_agrees: { off: 'duration' },
  clock_off: { off: 'duration', allowed: 'duration' },
  clock_of_its_own: {},
  family_is: { family: 'family' },
  family_changes: {},
  family_unknown: {},
  no_venue: { venue: 'name' },
  no_keys: {},
  keys_unreadable: {},
  keys_refused: {},
  address_refused: {},
  wrong_environment: {},
  can_trade: {},
  cannot_trade: {},
  cannot_withdraw: {},
  can_withdraw: {},
  mode_is: { mode: 'positionMode' },
  balance_is: { amount: 'decimal', coin: 'coin' },
  balance_empty: {},
  order_taken: {},
  order_refused: { as: 'refusal' },
  only_with_play_money: {},
  not_needed: {},
  after_failure: {},
  not_told: {},
} as const;
export type CheckCode = keyof typeof CHECK_FINDINGS;
export type CheckFinding = Told<typeof checkKinds, typeof CHECK_FINDINGS>;
export type CheckRow = CheckFinding & { check: AccountCheck; outcome: CheckOutcome };

// Each member is made of the table that the type is made of.
export const checkRowSchema = z.discriminatedUnion(
  'code',
  toldMembers(checkKinds, CHECK_FINDINGS, 'code', { check: accountCheckSchema, outcome: checkOutcomeSchema }),
) as unknown as z.ZodType<CheckRow, CheckRow>;

export function checkRow<C extends CheckCode>(
  check: AccountCheck,
  outcome: CheckOutcome,
  code: C,
  figures: Figures<typeof checkKinds, typeof CHECK_FINDINGS, C>,
): CheckRow {
  // Code and figures belong together by the signature, which TypeScript cannot follow into the union.
  return { check, outcome, code, figures } as CheckRow;
}
