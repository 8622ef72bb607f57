import { parentPort } from 'node:worker_threads';
import type { Job } from './job.ts';
import { runJob } from './runJob.ts';

// One core of a simulation: takes jobs one by one, answers each with its outcome.
const port = parentPort;
if (port === null) throw new Error('runs as a thread of npm run simulate only');
port.on('message', (job: Job) => port.postMessage(runJob(job)));
