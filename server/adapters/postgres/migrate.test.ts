import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MIGRATIONS, type TestDatabase, testDatabase } from '../../testing/postgres.ts';
import { clientUrl } from './clientUrl.ts';
import { migrate } from './migrate.ts';

describe('migrations', () => {
  let database: TestDatabase;
  let sql: postgres.Sql;
  beforeAll(async () => {
    database = await testDatabase('empty');
    sql = postgres(database.url, { onnotice: () => undefined });
  });
  afterAll(async () => {
    await sql.end();
    await database.drop();
  });

  test('[PG-19] of several processes migrating at once each finds the database ready', async () => {
    await Promise.all(Array.from({ length: 4 }, () => migrate(database.url, MIGRATIONS)));
    expect((await sql`select count(*)::int as n from event`)[0]).toEqual({ n: 0 });
  });

  test('[PG-17] a database that a newer version has migrated is refused', async () => {
    await sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', 9999999999999)`;
    await expect(migrate(database.url, MIGRATIONS)).rejects.toThrow('newer version');
  });
});

describe('database URLs', () => {
  test.each([
    [
      'postgres://u:p@db.example:5433/fw?sslmode=require',
      { url: 'postgres://u:p@db.example:5433/fw?sslmode=require' },
    ],
    [
      'postgres://u:p@/fw?host=/run/pg',
      { url: 'postgres://u:p@localhost/fw', path: '/run/pg/.s.PGSQL.5432' },
    ],
    ['postgresql:///fw?host=/run/pg&port=5433', { url: 'postgresql:///fw', path: '/run/pg/.s.PGSQL.5433' }],
    ['postgres://u@%2Frun%2Fpg%2C/fw', { url: 'postgres://u@%2Frun%2Fpg%2C/fw' }],
  ])('[PG-18] %s', (text, expected) => {
    expect(clientUrl(text)).toEqual(expected);
  });

  test('[PG-18] a socket named in the way of libpq is connected to', async () => {
    const database = await testDatabase();
    const plain = postgres(database.url, { max: 1 });
    const [row] = await plain<
      { directory: string }[]
    >`select current_setting('unix_socket_directories') as directory`;
    await plain.end();
    const url = new URL(database.url);
    const given = `postgres://${url.username}:${url.password}@/${url.pathname.slice(1)}?host=${row?.directory.replaceAll('"', '')}`;
    const { url: client, ...socket } = clientUrl(given);
    const sql = postgres(client, { ...socket, max: 1 });
    expect((await sql`select count(*)::int as n from event`)[0]).toEqual({ n: 0 });
    await sql.end();
    await database.drop();
  });
});
