import { parseArgs } from 'node:util';
import { backup } from '../adapters/postgres/backup/backup.ts';
import { withDatabase } from './lib/withDatabase.ts';

/** `npm run backup -- --file FILE`: the whole database to one file, beside a running server or without one. */
const { values } = parseArgs({ options: { file: { type: 'string' } } });
const { file } = values;

await withDatabase('backup', async ({ url, logger, now }) => {
  if (file === undefined) throw new Error('usage: npm run backup -- --file FILE');
  const result = await backup({
    url,
    file,
    now,
    onProgress: (table, rows) => logger.info({ table, rows }, 'table saved'),
  });
  logger.info({ file, ...result }, 'backup complete');
});
