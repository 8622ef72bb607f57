import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--allow-natives-syntax');
const checkpoint = new Function('%PerformMicrotaskCheckpoint()') as () => void;

/**
 * Runs what waits for promises that are settled, and all that follows from it, now: what is asynchronous in the product
 * becomes a step of a schedule. Costs next to nothing when nothing waits. Not from within an `async` function or a
 * promise's `then`: there it does nothing.
 */
export const drain = (): void => checkpoint();
