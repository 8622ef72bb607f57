import { expect, test } from 'vitest';
import { cleanupsAfterEach } from '../../testing/cleanups.ts';
import { DatabaseLink } from '../../testing/e2e/databaseLink.ts';
import { testDatabase } from '../../testing/postgres.ts';
import { RecordingLogger } from '../../testing/recordingLogger.ts';
import { openPostgres } from './openPostgres.ts';

const cleanups = cleanupsAfterEach();

test('[PG-20] connections of a database that says nothing are let go: what waited is told, and new ones are opened', async () => {
  const database = await testDatabase('empty');
  cleanups.push(() => database.drop());
  const link = await DatabaseLink.start(database.url);
  cleanups.push(() => link.stop());
  const { sql, db, reconnect, close } = openPostgres(link.url, { logger: new RecordingLogger() });
  cleanups.push(close);
  expect((await sql`select 7::int8 as n`)[0]?.n).toBe(7);
  expect(await db.execute('select 1 as n')).toMatchObject([{ n: 1 }]);

  // New connections would work; those that are open never answer.
  link.replace();
  const waiting = Array.from({ length: 20 }, () =>
    sql`select 1`.then(
      () => 'answered',
      () => 'given up',
    ),
  );
  const typed = db.execute('select 1').then(
    () => 'answered',
    () => 'given up',
  );
  reconnect();
  expect(await typed).toBe('given up');
  expect(new Set(await Promise.all(waiting))).toContain('given up');
  expect((await sql`select 7::int8 as n`)[0]?.n).toBe(7);
  expect(await db.execute('select 1 as n')).toMatchObject([{ n: 1 }]);
});
