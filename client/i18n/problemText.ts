import type { ParamProblem } from '../format/params.ts';
import { t } from './text.ts';

/** Why a value is refused, in the chosen language. */
export function problemText(problem: ParamProblem): string {
  if (!('bound' in problem)) return t(`problem.${problem.code}`);
  return t(problem.exclusive ? `problem.${problem.code}_exclusive` : `problem.${problem.code}`, {
    bound: problem.bound,
  });
}
