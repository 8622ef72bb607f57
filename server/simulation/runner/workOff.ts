import { Worker } from 'node:worker_threads';
import type { Job, JobOutcome } from './job.ts';

/** Where the worker is: beside the bundle that starts it. */
const WORKER_URL = new URL('./simulationWorker.mjs', import.meta.url);

/**
 * Spreads jobs over `threads` workers: each takes the next as soon as it is done with one. `next` gives undefined once
 * there is nothing more to do for now; it is asked again after each outcome. Rejects when a worker fails.
 */
export async function workOff(
  threads: number,
  next: () => Job | undefined,
  done: (outcome: JobOutcome) => void,
): Promise<void> {
  const workers: Worker[] = [];
  const idle: Worker[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      let busy = 0;
      const hand = (): void => {
        while (idle.length > 0 || workers.length < threads) {
          const job = next();
          if (job === undefined) break;
          const worker = idle.pop() ?? start();
          busy += 1;
          worker.postMessage(job);
        }
        if (busy === 0) resolve();
      };
      const start = (): Worker => {
        const worker = new Worker(WORKER_URL);
        workers.push(worker);
        worker.on('error', reject);
        worker.on('message', (outcome: JobOutcome) => {
          busy -= 1;
          idle.push(worker);
          done(outcome);
          hand();
        });
        return worker;
      };
      hand();
    });
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
