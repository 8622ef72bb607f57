import { type Cause, refusalIn } from '../../shared/domain/cause.ts';

/** What faults make the venue say. */
const INJECTED: ReadonlySet<unknown> = new Set(['rate_limited', 'maintenance', 'permission', 'other']);

/** Whether something was refused by a fault: not by the venue, which would say something of the engine. */
export const isInjected = (cause: Cause | null): boolean => INJECTED.has(refusalIn(cause));
