import type { Denial } from '../domain/denial.ts';
import type { ErrorDetails } from '../domain/errorDetails.ts';
import { type WireError, wireError } from '../protocol/errors.ts';
import { inEnglish } from './inEnglish.ts';
import { sayDenial } from './say.ts';

/** A denial on the wire: with its reasons in English too, for whoever reads it as it is. */
export const deniedError = (denials: Denial[]): WireError =>
  wireError('denied', denials.map((denial) => sayDenial(inEnglish, denial)).join('; '), { denials });

/** A request that is wrong and would be denied besides: the denials among its issues get their words. */
export function withDenials(message: string, details: ErrorDetails<'bad_request'>): WireError {
  const issues = details.issues.map((issue) =>
    issue.denial === undefined ? issue : { ...issue, problem: sayDenial(inEnglish, issue.denial) },
  );
  const denied = issues.filter(({ denial }) => denial !== undefined).map(({ problem }) => problem);
  return wireError('bad_request', [message, ...denied].join('; '), { ...details, issues });
}
