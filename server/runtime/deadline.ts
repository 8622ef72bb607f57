import type { Clock } from '../ports/clock.ts';

/** Nobody answered in time. What was asked may still go on; its answer is not listened to any more. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
}

/** What `work` gives; rejects with NoAnswer once that takes longer than `limitMs` of elapsed time. `what` names it. */
export async function within<T>(clock: Clock, limitMs: number, what: string, work: Promise<T>): Promise<T> {
  let cancel = (): void => {};
  const deadline = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(limitMs, () => reject(new NoAnswer(`${what}: no answer in ${limitMs} ms`)));
  });
  return await Promise.race([work, deadline]).finally(cancel);
}
