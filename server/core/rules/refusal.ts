import type { DENIALS, Denial, DenialLimit, denialKinds } from '../../../shared/domain/denial.ts';
import type { ErrorDetails } from '../../../shared/domain/errorDetails.ts';
import type { Figures } from '../../../shared/domain/figures.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';

type RefusalCode = 'bad_request' | 'not_found' | 'version_conflict';

/** A command that changes nothing, and why. */
export type Refusal =
  | { [C in RefusalCode]: { code: C; message: string; details: ErrorDetails<C> } }[RefusalCode]
  | { code: 'denied'; details: ErrorDetails<'denied'> };

type Bot = ErrorDetails<'bad_request'>['bot'];

/** What is wrong with the request, at `path` of it. `allowed`: what would be right, where that can be said. */
export function badRequest(
  path: string,
  problem: string,
  allowed: readonly string[] = [],
  bot?: Bot,
): Refusal {
  const issues = [{ path, problem, allowed: [...allowed] }];
  return {
    code: 'bad_request',
    message: problem,
    details: bot === undefined ? { issues } : { issues, bot },
  };
}

export function notFound(message: string, details: ErrorDetails<'not_found'>): Refusal {
  return { code: 'not_found', message, details };
}

export function versionConflict(message: string, details: ErrorDetails<'version_conflict'>): Refusal {
  return { code: 'version_conflict', message, details };
}

export function denied(denials: Denial[]): Refusal {
  if (denials.length === 0) throw new Error('denied without a reason');
  return { code: 'denied', details: { denials } };
}

export function denial<L extends DenialLimit>(
  limit: L,
  figures: Figures<typeof denialKinds, typeof DENIALS, L>,
): Denial {
  // Limit and figures belong together by the signature, which TypeScript cannot follow into the union.
  return { limit, figures } as Denial;
}

/** The market takes no entries as it is now. */
export const statusDenial = (symbol: string, status: Instrument['status']): Denial =>
  denial('instrument_status', { symbol, status });
