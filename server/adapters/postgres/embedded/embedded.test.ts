import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ChildProgram } from '../../../testing/childProgram.ts';
import { waitFor } from '../../../testing/patience.ts';
import { MIGRATIONS } from '../../../testing/postgres.ts';
import { RecordingLogger } from '../../../testing/recordingLogger.ts';
import { PostgresDeskLog } from '../deskLog.ts';
import { migrate } from '../migrate.ts';
import { openPostgres } from '../openPostgres.ts';
import { completeLinks } from './binaries.ts';
import { parsePostmasterPid, readPostmasterPid } from './postmasterPid.ts';
import { startEmbeddedPostgres } from './startEmbeddedPostgres.ts';

describe('embedded PostgreSQL', () => {
  let folder: string;
  let dataDir: string;
  let logger: RecordingLogger;
  let stops: (() => Promise<void>)[] = [];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fillwire-embedded-'));
    chmodSync(folder, 0o711);
    dataDir = join(folder, 'data');
    logger = new RecordingLogger();
  });
  afterEach(async () => {
    for (const stop of stops) await stop();
    stops = [];
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function start(directory = dataDir): Promise<string> {
    const server = await startEmbeddedPostgres({ dataDir: directory, logger });
    stops.push(() => server.stop());
    return server.url;
  }
  async function child(directory = dataDir): Promise<{ program: ChildProgram; url: string }> {
    const program = await ChildProgram.start('embeddedDatabase', directory);
    stops.push(() => program.kill());
    return { program, url: (await program.receive<{ url: string }>()).url };
  }
  async function ask<T>(url: string, text: string): Promise<T> {
    const sql = postgres(url, { max: 1, onnotice: () => undefined });
    try {
      const [row] = await sql.unsafe<{ answer: T }[]>(text);
      if (row === undefined) throw new Error('no row');
      return row.answer;
    } finally {
      await sql.end();
    }
  }
  const pidOf = () => readPostmasterPid(join(dataDir, 'postgres', 'data'))?.pid;
  const runs = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  test('[PG-6] a first start makes a durable UTF-8 database behind a Unix socket and a private password', async () => {
    const url = await start();
    expect(await ask(url, `select current_setting('server_encoding') as answer`)).toBe('UTF8');
    expect(
      await ask(url, `select current_setting('fsync') || current_setting('synchronous_commit') as answer`),
    ).toBe('onon');
    expect(
      await ask(url, `select datcollate as answer from pg_database where datname = current_database()`),
    ).toBe('C.UTF-8');
    expect(await ask(url, `select current_setting('listen_addresses') as answer`)).toBe('');
    expect(statSync(join(dataDir, 'postgres', 'password')).mode & 0o777).toBe(0o600);
    const wrong = url.replace(/:[^:@]+@/, ':wrong@');
    await expect(ask(wrong, 'select 1 as answer')).rejects.toMatchObject({ code: '28P01' });
  });

  test('[PG-7] what was committed is there after a stop and a start, and the log keeps its epoch', async () => {
    const epochs: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      const server = await startEmbeddedPostgres({ dataDir, logger });
      await migrate(server.url, MIGRATIONS);
      const client = openPostgres(server.url, { logger });
      epochs.push(await new PostgresDeskLog(client.sql).epoch());
      await client.close();
      const pid = pidOf();
      await server.stop();
      expect(pidOf()).toBeUndefined();
      expect(runs(pid ?? 0)).toBe(false);
    }
    expect(epochs[1]).toBe(epochs[0]);
  });

  test('[PG-8] after SIGKILL of its process the server lives on, and the next start adopts it', async () => {
    const { program, url } = await child();
    const pid = pidOf() ?? 0;
    await program.kill();
    expect(await ask(url, 'select 1 as answer')).toBe(1);
    expect(await start()).toBe(url);
    expect(pidOf()).toBe(pid);
    expect(logger.has('adopted')).toBe(true);
    await stops.pop()?.();
    expect(pidOf()).toBeUndefined();
  });

  test('[PG-9] Ctrl-C reaches our process alone: the server is in a process group of its own', async () => {
    await start();
    const group = readFileSync(`/proc/${pidOf()}/stat`, 'utf8').split(') ')[1]?.split(' ')[2];
    expect(Number(group)).toBe(pidOf());
  });

  test('[PG-10] processes on the same data share one server; the last to stop stops it', async () => {
    const [first, second] = await Promise.all([child(), child()]);
    expect(second.url).toBe(first.url);
    first.program.send('stop');
    const { log } = await first.program.receive<{ log: string[] }>();
    expect(log.join()).toContain('another process uses it');
    expect(await ask(second.url, 'select 1 as answer')).toBe(1);
    second.program.send('stop');
    await second.program.receive();
    expect(pidOf()).toBeUndefined();
  });

  test('[PG-11] a server that ends by itself is started again, at the same URL', async () => {
    const url = await start();
    const pid = pidOf() ?? 0;
    process.kill(pid, 'SIGKILL');
    await waitFor(async () => expect(await ask(url, 'select 1 as answer')).toBe(1));
    await waitFor(() => expect(pidOf()).not.toBe(pid));
  });

  test('[PG-12] a stale postmaster.pid that names somebody else’s process kills nobody', async () => {
    const server = await startEmbeddedPostgres({ dataDir, logger });
    const file = join(dataDir, 'postgres', 'data', 'postmaster.pid');
    const { mode, uid, gid } = statSync(file);
    const text = readFileSync(file, 'utf8');
    await server.stop();
    // As left by a machine that lost power: this process has the number now.
    writeFileSync(file, text.replace(/^\d+/, String(process.pid)), { mode });
    chownSync(file, uid, gid);
    const again = await startEmbeddedPostgres({ dataDir, logger }).catch((error: Error) => error);
    if (!(again instanceof Error)) await again.stop();
    expect(runs(process.pid)).toBe(true);
    rmSync(file, { force: true });
  });

  test('[PG-13] data of another major version is refused with the command that upgrades it', async () => {
    const other = join(folder, 'other');
    mkdirSync(join(other, 'postgres', 'data'), { recursive: true });
    writeFileSync(join(other, 'postgres', 'data', 'PG_VERSION'), '15\n');
    writeFileSync(join(other, 'postgres', 'password'), 'x\n');
    await expect(start(other)).rejects.toThrow(/PostgreSQL 15.*npm run backup.*npm run restore/);
    rmSync(join(other, 'postgres', 'password'));
    await expect(start(other)).rejects.toThrow('password is missing');
  });

  test('[PG-14] where the path of a socket would be too long it listens on a loopback port', async () => {
    const long = join(folder, 'x'.repeat(120));
    const url = await start(long);
    expect(url).toContain('@127.0.0.1:');
    expect(await ask(url, `select current_setting('listen_addresses') as answer`)).toBe('127.0.0.1');
    expect(await ask(url, 'select 1 as answer')).toBe(1);
  });

  test('[PG-15] links that the package’s postinstall did not make are made', () => {
    const native = join(folder, 'native');
    mkdirSync(join(native, 'lib'), { recursive: true });
    writeFileSync(join(native, 'lib', 'libpq.so.5.18'), 'library');
    const links = ['libpq.so.5', 'libpq.so'].map((name) => ({
      source: 'native/lib/libpq.so.5.18',
      target: `native/lib/${name}`,
    }));
    writeFileSync(join(native, 'pg-symlinks.json'), JSON.stringify(links));
    symlinkSync('libpq.so.5.18', join(native, 'lib', 'libpq.so'));
    expect(completeLinks(native)).toBe(true);
    expect(readFileSync(join(native, 'lib', 'libpq.so.5'), 'utf8')).toBe('library');
    unlinkSync(join(native, 'lib', 'libpq.so.5'));
    expect(completeLinks(native)).toBe(true);
    expect(existsSync(join(native, 'lib', 'libpq.so.5'))).toBe(true);
  });

  test('[PG-16] a half-written postmaster.pid is no server', () => {
    expect(parsePostmasterPid('')).toBeUndefined();
    expect(parsePostmasterPid('123\n/data\n')).toBeUndefined();
    const whole = '123\n/data\n1790000000\n5432\n/run/x,\n\n  1 2\nready   \n';
    expect(parsePostmasterPid(whole)).toEqual({
      pid: 123,
      port: 5432,
      socketDirectory: '/run/x,',
      listenAddress: '',
      ready: true,
    });
    expect(parsePostmasterPid(whole.replace('ready', 'starting'))).toMatchObject({ ready: false });
  });
});
