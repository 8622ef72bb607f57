import type { VenueRejectCode } from '../../ports/venue.ts';

/** Refusals that say "not now" rather than "not this". */
const PASSING: ReadonlySet<string> = new Set<VenueRejectCode>(['rate_limited', 'maintenance', 'expired']);

/** `code`: a venue's, or any other text, which says nothing of the kind. */
export const isPassing = (code: string): boolean => PASSING.has(code);

/** The venue's code, with which the reason of a rejected order begins. */
export const codeOf = (reason: string | null): string => reason?.split(':')[0] ?? '';
