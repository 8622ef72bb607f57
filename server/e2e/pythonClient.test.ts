import { expect, it } from 'vitest';
import { hashView } from '../../shared/view/hashView.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { lacksPython, PythonProgram } from '../testing/e2e/python.ts';
import { say } from '../testing/e2e/say.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { readStoredDesk, viewAt, withSql } from '../testing/e2e/storedDesk.ts';
import { CuttableProxy } from '../testing/sdk/cuttableProxy.ts';

const cleanups = cleanupsAfterEach();

it.skipIf(lacksPython())(
  '[MET-17] a second client, in Python and from docs/ alone, trades over cuts and a SIGKILL, misses nothing, and has the hash of the log',
  async () => {
    const server = await ServerProcess.start({ database: 'embedded' });
    cleanups.push(() => server.stop());
    const front = await CuttableProxy.start(server.port);
    cleanups.push(() => front.stop());
    const python = PythonProgram.start('examples/python/trade.py', [front.url]);
    cleanups.push(() => python.stop());
    /** A round that it told on a later connection than this one; the number of that connection. */
    const tradesAfter = async (connection: number): Promise<number> => {
      const isLater = (line: Record<string, unknown>): boolean => Number(line.connections) > connection;
      return Number((await python.line(`a round after connection ${connection}`, isLater)).connections);
    };
    const disturbances = [
      () => front.cut(),
      () => front.cut(),
      () => server.restart('SIGKILL'),
      () => front.cut(),
    ];
    let connection = await tradesAfter(0);
    for (const disturb of disturbances) {
      await disturb();
      connection = await tradesAfter(connection);
    }
    python.enter();
    const last = await python.line('the end', ({ done }) => done === true);
    say(JSON.stringify(last));
    const rounds = python.told.filter(({ round }) => round !== undefined);
    expect(last.snapshots).toBe(1);
    expect(Number(last.resumes)).toBeGreaterThanOrEqual(disturbances.length);
    const stored = await readStoredDesk(server.databaseUrl, String(python.told[0]?.user));
    const seq = Number(last.seq);
    expect(last.epoch).toBe(stored.epoch);
    expect(last.hash).toBe(hashView(stored.epoch, seq, viewAt(stored, seq)));
    // One order each, however often it was asked for, and each ended as it was told.
    const sent = stored.events.filter(({ kind }) => kind === 'OrderSubmitted');
    expect(sent.length).toBe(rounds.length);
    const ended = viewAt(stored, seq).closedOrders.map(({ orderId, status }) => [orderId, status]);
    expect(ended).toEqual(rounds.map(({ order, ended: status }) => [order, status]));
  },
);

it.skipIf(lacksPython())(
  '[MET-17] the client in Python ends with its reason when its login does, whoever still waits for Enter',
  async () => {
    const server = await ServerProcess.start();
    cleanups.push(() => server.stop());
    const python = PythonProgram.start('examples/python/trade.py', [server.url]);
    cleanups.push(() => python.stop());
    await python.line('a round', ({ round }) => round !== undefined);
    await withSql(server.databaseUrl, (sql) => sql`update session set revoked_at = ${Date.now()}`);
    await expect(python.line('no end by itself', ({ done }) => done === true)).rejects.toThrow(
      /it ended with 1:[\s\S]*LoggedOut/,
    );
  },
);
