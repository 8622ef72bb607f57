import type { Denial, DenialLimit } from '../../../shared/domain/denial.ts';
import type { ErrorDetails } from '../../../shared/domain/errorDetails.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';

type RefusalCode = 'bad_request' | 'not_found' | 'version_conflict' | 'denied';

/** A command that changes nothing, and why. */
export type Refusal = {
  [C in RefusalCode]: { code: C; message: string; details: ErrorDetails<C> };
}[RefusalCode];

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
  return { code: 'denied', message: denials.map(({ message }) => message).join('; '), details: { denials } };
}

export function denial(limit: DenialLimit, actual: string, allowed: string, message: string): Denial {
  return { limit, actual, allowed, message };
}

/** The market takes no entries as it is now. */
export function statusDenial(symbol: string, status: Instrument['status'] | undefined): Denial {
  const message =
    status === 'ended' ? `the market of ${symbol} has ended` : `${symbol} takes no entries: it is ${status}`;
  return denial('instrument_status', String(status), 'trading', message);
}
