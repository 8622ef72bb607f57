import { z } from 'zod';
import { decimalOut, wallMs } from './schemas.ts';

/*
 * What is told to people is a code and its figures, never a sentence: shared/words makes sentences of them, in the language
 * and the number format of whoever reads. A table names the codes of a family and what kind of figure each has.
 */

/** What a figure may be, besides those that are families themselves (`cause`, `denial`, …). */
export const plainKinds = {
  /** Prices, sizes, amounts, percentages (1.5 = 1.5 %), readings of indicators. */
  decimal: decimalOut,
  count: z.number().int(),
  /** A length of time in ms, by the clock of what it is said of. */
  duration: z.number().int().nonnegative(),
  moment: wallMs,
  symbol: z.string(),
  /** What a user or an operator named: an account, a bot, a venue, a strategy. */
  name: z.string(),
  coin: z.string(),
  /** A sentence as it was written down before there were codes. */
  text: z.string(),
  direction: z.enum(['long', 'short']),
  side: z.enum(['buy', 'sell']),
  /** Of two lines that crossed: where the faster one went. */
  cross: z.enum(['up', 'down']),
  trend: z.enum(['rising', 'falling']),
  /** On which side of the figure beside it. */
  bound: z.enum(['above', 'below']),
  /** Over what a limit is: an account, or all accounts of a book. */
  scope: z.enum(['account', 'simulated', 'demo', 'live']),
} as const;

/** In each family whose words a log of an older server has: a sentence as that wrote it down, in English. */
export const TOLD_BEFORE = { told: { text: 'text' } } as const;

type Kinds = Record<string, z.ZodType>;
/** Codes, and by name the kind of each of their figures. */
export type Family<K extends Kinds = Kinds> = Record<string, Record<string, keyof K & string>>;

/** The figures of one code. */
export type Figures<K extends Kinds, F extends Family<K>, C extends keyof F> = {
  -readonly [N in keyof F[C]]: z.output<K[F[C][N]]>;
};

/** One thing that is told: a code of the family with its figures. `By`: what the field with the code is called. */
export type Told<K extends Kinds, F extends Family<K>, By extends string = 'code'> = {
  [C in keyof F & string]: Record<By, C> & { figures: Figures<K, F, C> };
}[keyof F & string];

/** The schema of what a family tells, with `rest` beside the code and its figures. */
export function toldSchema<K extends Kinds, const F extends Family<K>, const By extends string = 'code'>(
  kinds: K,
  family: F,
  by: By = 'code' as By,
): z.ZodType<Told<K, F, By>, Told<K, F, By>> {
  const members = toldMembers(kinds, family, by, {});
  // Each member is made of the table that the type is made of.
  return z.discriminatedUnion(by, members) as unknown as z.ZodType<Told<K, F, By>, Told<K, F, By>>;
}

/** One object per code, with the fields of `rest` in front. */
export function toldMembers<K extends Kinds>(
  kinds: K,
  family: Family<K>,
  by: string,
  rest: z.ZodRawShape,
): [z.ZodObject, ...z.ZodObject[]] {
  const members = Object.entries(family).map(([code, figures]) => {
    const shape = Object.entries(figures).map(([name, kind]) => [name, kinds[kind]] as const);
    return z.object({ ...rest, [by]: z.literal(code), figures: z.object(Object.fromEntries(shape)) });
  });
  const [first, ...others] = members;
  if (first === undefined) throw new Error('a family without codes');
  return [first, ...others];
}

/** Whether two that may be told say the same, in whichever order their fields were read back. */
export function isSameTold(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return left.length === right.size && left.every(([key, value]) => isSameTold(value, right.get(key)));
}
