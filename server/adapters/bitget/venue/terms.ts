import type { PlaceOrder } from '../../../ports/venue.ts';
import type { Lane } from '../calls/callLimiter.ts';
import type { CallParams, CallTerms } from '../calls/restCalls.ts';
import type { Span } from './familyApi.ts';

export const READ: CallTerms = { lane: 'read' };
/** What a stop is looked for by waits behind entries at most: its position may hang on it. */
export const LOOK_UP: CallTerms = { lane: 'entry' };

export const laneOf = ({ reduceOnly }: PlaceOrder): Lane => (reduceOnly ? 'exit' : 'entry');

/** How far back what has ended is looked for. */
const BACK_MS = 86_400_000;

/** Where what is looked for may have ended. */
export const lastDay = (now: number): Span => ({ from: now - BACK_MS, to: now });

export const between = ({ from, to }: Span): CallParams => ({ startTime: from, endTime: to });
