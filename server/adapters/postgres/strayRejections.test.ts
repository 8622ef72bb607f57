import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { RecordingLogger } from '../../testing/recordingLogger.ts';
import { surviveStrayRejections } from './strayRejections.ts';

it('[E2E-16] a stray failure to connect to the database is logged; any other stray rejection ends the process', () => {
  const logger = new RecordingLogger();
  const source = new EventEmitter();
  surviveStrayRejections(logger, source);
  source.emit('unhandledRejection', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));
  expect(logger.has('a connection to PostgreSQL failed')).toBe(true);
  for (const reason of [new TypeError('a bug'), 'text']) {
    let thrown: unknown;
    try {
      source.emit('unhandledRejection', reason);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBe(reason);
  }
});
