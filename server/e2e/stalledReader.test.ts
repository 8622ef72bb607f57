import { expect, it } from 'vitest';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { randomMoment } from '../testing/e2e/randomMoment.ts';
import { ReceivedDesk } from '../testing/e2e/receivedDesk.ts';
import { say } from '../testing/e2e/say.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog } from '../testing/e2e/storedDesk.ts';
import { Trader } from '../testing/e2e/trader.ts';
import { WireClient } from '../testing/wireClient.ts';

const LIVE = 99;
/** Answers of 1,000 bars each, which nobody reads: more than the system buffers between the two. */
const UNREAD_ANSWERS = 64;
const CHANNELS = ['desk', 'pnl', 'ticker:sim.BTCUSDT', 'ticker:sim.ETHUSDT', 'candles:sim.BTCUSDT.1m'];

const cleanups = cleanupsAfterEach();

interface Reader {
  client: WireClient;
  received: ReceivedDesk;
}

it('[E2E-13] a reader that stalls is closed with 4000 and resumes; the 99 beside it notice nothing', async () => {
  // The live ones, the stalled one and the PC: another has a place once the stalled one has lost its own.
  const env = { SIM_SPEED: '60', MAX_CONNECTIONS_PER_USER: String(LIVE + 2) };
  const server = await ServerProcess.start({ env });
  cleanups.push(() => server.stop());
  const trader = await Trader.register(server.url);
  cleanups.push(() => trader.close());
  const pc = await trader.device('pc');
  const token = await pc.auth.current();
  const connect = async (): Promise<WireClient | null> => {
    const client = await new WireClient(server.port).opened();
    cleanups.push(() => client.ws.terminate());
    return (await client.authenticate(token)).ok ? client : null;
  };
  const join = async (received: ReceivedDesk, client: WireClient | null): Promise<Reader> => {
    if (client === null) throw new Error('no place for another connection');
    client.ws.on('message', (data) => received.take(String(data)));
    const since = received.fold.epoch === '' ? {} : { since: received.fold.since };
    expect(await client.request('subscribe', { channels: CHANNELS, ...since })).toMatchObject({ ok: true });
    return { client, received };
  };
  const readers: Reader[] = [];
  for (let n = 0; n < LIVE; n += 1) readers.push(await join(new ReceivedDesk(), await connect()));
  const slow = await join(new ReceivedDesk(), await connect());
  for (const symbol of ['BTCUSDT', 'ETHUSDT', 'SOLUSDT']) {
    const botId = await pc.createBot(await pc.openAccount(symbol), symbol);
    await pc.insist('bots.start', { botId });
  }

  const fills = () => pc.frames.filter(({ kind }) => kind === 'FillRecorded').length;
  slow.client.ws.pause();
  const joined = fills();
  await eventually('trading goes on meanwhile', () => fills() >= joined + 5);
  const ask = { venue: 'sim', symbol: 'BTCUSDT', interval: '1m', limit: 1_000 } as const;
  let next: WireClient | null = null;
  // Looked for all the while: the close can be read for some seconds only.
  const place = (async () => {
    while (next === null) {
      await randomMoment(50, 100);
      next = await connect();
    }
    slow.client.ws.resume();
  })();
  for (let round = 0; next === null; round += 1) {
    for (let n = 0; n < UNREAD_ANSWERS; n += 1)
      slow.client.raw(JSON.stringify({ id: `unread ${round} ${n}`, op: 'market.candles', args: ask }));
    await pc.client.request('market.candles', ask);
  }
  await place;
  await slow.client.closed();
  expect(slow.client.closeCode).toBe(4000);
  const behind = slow.received.fold.seq;
  const back = await join(slow.received, next);

  await pc.client.request('bots.stopAll', {});
  await pc.quiet();
  const followers = [...readers, back].map(({ received }) => received);
  const stored = await agreesWithLog(server.databaseUrl, trader.userId, pc.client, ...followers);
  say(
    `${stored.seq} events to ${LIVE} live readers; the stalled one was closed at ${behind}, ${back.received.fold.resumes} resume`,
  );
  for (const { client, received } of [...readers, back]) {
    expect(received.problem).toBeUndefined();
    expect(received.isComplete(stored.seq)).toBe(true);
    expect(client.closeCode).toBeNull();
  }
  expect(readers.every(({ received }) => received.fold.snapshots === 1 && received.fold.resumes === 0)).toBe(
    true,
  );
});
