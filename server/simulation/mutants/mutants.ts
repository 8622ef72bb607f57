import { BAR_MUTANTS } from './barMutants.ts';
import { BOOK_MUTANTS } from './bookMutants.ts';
import { BOT_MUTANTS } from './botMutants.ts';
import { DURABILITY_MUTANTS } from './durabilityMutants.ts';
import { EXIT_MUTANTS } from './exitMutants.ts';
import type { Mutant } from './mutant.ts';
import { NAME_MUTANTS } from './nameMutants.ts';
import { READING_MUTANTS } from './readingMutants.ts';
import { RISK_MUTANTS } from './riskMutants.ts';
import { RUNTIME_MUTANTS } from './runtimeMutants.ts';
import { SENDING_MUTANTS } from './sendingMutants.ts';
import { STOP_MUTANTS } from './stopMutants.ts';
import { STOP_PLAN_MUTANTS } from './stopPlanMutants.ts';
import { TOLD_MUTANTS } from './toldMutants.ts';

/** All deliberate breakages: each must be noticed. */
export const MUTANTS: readonly Mutant[] = [
  ...STOP_MUTANTS,
  ...STOP_PLAN_MUTANTS,
  ...EXIT_MUTANTS,
  ...SENDING_MUTANTS,
  ...BOT_MUTANTS,
  ...RISK_MUTANTS,
  ...BAR_MUTANTS,
  ...BOOK_MUTANTS,
  ...NAME_MUTANTS,
  ...READING_MUTANTS,
  ...DURABILITY_MUTANTS,
  ...RUNTIME_MUTANTS,
  ...TOLD_MUTANTS,
];

export function mutantNamed(name: string): Mutant {
  const mutant = MUTANTS.find((other) => other.name === name);
  if (mutant === undefined) throw new RangeError(`there is no mutant ${name}`);
  return mutant;
}
