import { parseArgs } from 'node:util';
import { restore } from '../adapters/postgres/backup/restore.ts';
import { withDatabase } from './lib/withDatabase.ts';

/** `npm run restore -- --file FILE [--replace]`: a backup into the database; no server may run on it. */
const { values } = parseArgs({
  options: { file: { type: 'string' }, replace: { type: 'boolean', default: false } },
});
const { file, replace } = values;

await withDatabase('restore', async ({ url, logger, now }) => {
  if (file === undefined) throw new Error('usage: npm run restore -- --file FILE [--replace]');
  const result = await restore({
    url,
    file,
    replace,
    now,
    onProgress: (table, rows) => logger.info({ table, rows }, 'table restored'),
  });
  logger.info({ file, ...result }, 'restore complete: desks start latched, clients take a snapshot');
});
