import type { Decision } from '../../core/decide.ts';

/** As if nothing had come. */
export const NOTHING: Decision = { events: [], effects: [], outcome: null };
