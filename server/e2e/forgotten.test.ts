import { expect, it } from 'vitest';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { withSql } from '../testing/e2e/storedDesk.ts';
import { Trader } from '../testing/e2e/trader.ts';

const cleanups = cleanupsAfterEach();
const DAY_MS = 86_400_000;

it('[MET-7] a server that starts forgets logins that ended long ago and devices long unseen; who is there stays', async () => {
  const server = await ServerProcess.start();
  cleanups.push(() => server.stop());
  const trader = await Trader.register(server.url);
  cleanups.push(() => trader.close());
  const pc = await trader.device('pc');
  const { userId } = trader;
  const now = Date.now();
  const ages = { recent: now - DAY_MS, old: now - 3 * DAY_MS, ancient: now - 100 * DAY_MS };
  await withSql(server.databaseUrl, async (sql) => {
    for (const [id, at] of Object.entries(ages)) {
      await sql`insert into device (user_id, device_id, name, kind, created_at, last_seen_at)
        values (${userId}, ${id}, ${id}, 'program', ${at}, ${at})`;
      await sql`insert into session
        (session_id, user_id, device_id, token_hash, created_at, expires_at, revoked_at)
        values (${id}, ${userId}, ${id}, ${id}, ${at}, ${at + DAY_MS}, ${at})`;
    }
  });
  const kept = (): Promise<{ sessions: string[]; devices: string[] }> =>
    withSql(server.databaseUrl, async (sql) => {
      const ofTest = sql(Object.keys(ages));
      const sessions = await sql<{ id: string }[]>`
        select session_id as id from session where session_id in ${ofTest} order by 1`;
      const devices = await sql<{ id: string }[]>`
        select device_id as id from device where device_id in ${ofTest} order by 1`;
      return { sessions: sessions.map(({ id }) => id), devices: devices.map(({ id }) => id) };
    });
  expect(await kept()).toEqual({
    sessions: ['ancient', 'old', 'recent'],
    devices: ['ancient', 'old', 'recent'],
  });
  await server.restart('SIGTERM');
  await eventually('they are forgotten', async () => (await kept()).sessions.length < 3);
  expect(await kept()).toEqual({ sessions: ['recent'], devices: ['old', 'recent'] });
  await pc.live();
  expect((await pc.client.request('devices.list', {})).devices.map(({ name }) => name).sort()).toEqual(
    expect.arrayContaining(['old', 'pc', 'recent']),
  );
});
