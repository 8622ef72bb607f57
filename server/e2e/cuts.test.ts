import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { nodeWebSocket } from '../../shared/sdk/nodeWebSocket.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { randomMoment } from '../testing/e2e/randomMoment.ts';
import { ReceivedDesk } from '../testing/e2e/receivedDesk.ts';
import { say } from '../testing/e2e/say.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog } from '../testing/e2e/storedDesk.ts';
import { type Device, Trader } from '../testing/e2e/trader.ts';
import { inLongForm } from '../testing/longForm.ts';
import { CuttableProxy } from '../testing/sdk/cuttableProxy.ts';
import { WireClient } from '../testing/wireClient.ts';

const EVENTS = inLongForm(10_000, 2_000);
const RESUMES = inLongForm(200, 50);
const SNAPSHOTS = inLongForm(50, 10);
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT', 'DOGEUSDT'];
const ACCOUNTS = 4;
const CUT_DEVICES = 4;

const cleanups = cleanupsAfterEach();

/** Cuts a device's connections at random until told to end: mostly once it is back, at times on its way there. */
async function cutAtRandom(proxy: CuttableProxy, device: Device, done: () => boolean): Promise<void> {
  while (!done()) {
    await randomMoment(20, 120);
    if (device.client.status.state === 'live' || randomInt(10) === 0) proxy.cut();
  }
}

/** A device that comes and goes, and says at random that it knows all it knows, something too old, another log or nothing. */
async function comeAndGo(server: ServerProcess, trader: Trader, received: ReceivedDesk, done: () => boolean) {
  const auth = await trader.login();
  let last = false;
  for (;;) {
    const client = await new WireClient(server.port).opened();
    await client.authenticate(await auth.current(), 'comes-and-goes');
    const { epoch, seq } = received.fold;
    const known = { epoch, seq };
    const unusual = [{ epoch: 'another log', seq }, { epoch, seq: Math.max(0, seq - 5_000) }, undefined];
    const claims = [known, known, known, ...unusual];
    const since = epoch === '' || last ? undefined : claims[randomInt(claims.length)];
    // Frames already folded come again with an older claim: only those of a snapshot may be taken then.
    const isOld = since !== undefined && since.epoch === epoch && since.seq < seq && seq - since.seq <= 1_000;
    client.ws.on('message', (data) => received.take(String(data)));
    const args = { channels: ['desk'], ...(since === undefined || isOld ? {} : { since }) };
    const joined = await client.request('subscribe', args);
    if (last && joined.ok) return client;
    await randomMoment(10, 80);
    client.ws.terminate();
    await client.closed();
    last = done();
  }
}

async function startBots(device: Device): Promise<void> {
  for (let account = 0; account < ACCOUNTS; account += 1) {
    const opened = await device.openAccount(`book ${account}`);
    for (const symbol of SYMBOLS) await device.createBot(opened, symbol);
  }
  await device.client.request('bots.startAll', {});
}

it(`[E2E-5] [N1] [R12] cut at random over ${EVENTS} events, every device has each event once, and the hash of the log`, async () => {
  const env = { SIM_SPEED: '300', MAX_BOTS_PER_USER: '100' };
  const server = await ServerProcess.start({ env });
  cleanups.push(() => server.stop());
  const trader = await Trader.register(server.url);
  cleanups.push(() => trader.close());
  const visited = new ReceivedDesk();
  const all = [visited, ...Array.from({ length: CUT_DEVICES }, () => new ReceivedDesk())];
  const proxies = await Promise.all(all.slice(1).map(() => CuttableProxy.start(server.port)));
  const proxyOf = (index: number): CuttableProxy => {
    const proxy = proxies[index];
    if (proxy === undefined) throw new RangeError(`there is no proxy ${index}`);
    return proxy;
  };
  for (const proxy of proxies) cleanups.push(() => proxy.stop());
  const pc = await trader.device('pc');
  const cut = await Promise.all(
    all.slice(1).map((received, index) => {
      const { url } = proxyOf(index);
      return trader.device(`cut ${index}`, { url, webSocket: received.tap(nodeWebSocket) });
    }),
  );
  await startBots(pc);

  const startedAt = performance.now();
  const count = (name: 'resumes' | 'snapshots') => all.reduce((sum, { fold }) => sum + fold[name], 0);
  const head = () => pc.client.position?.seq ?? 0;
  const done = () =>
    all.some(({ problem }) => problem !== undefined) ||
    (head() >= EVENTS && count('resumes') >= RESUMES && count('snapshots') >= SNAPSHOTS);
  const [visitor] = await Promise.all([
    comeAndGo(server, trader, visited, done),
    ...cut.map((device, index) => cutAtRandom(proxyOf(index), device, done)),
  ]);
  cleanups.push(() => visitor.ws.terminate());
  expect(all.flatMap(({ problem }) => problem ?? [])).toEqual([]);

  await pc.client.request('bots.stopAll', {});
  await pc.quiet();
  const followers = [pc, ...cut].map(({ client }) => client);
  const stored = await agreesWithLog(server.databaseUrl, trader.userId, ...followers, ...all);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  say(`${stored.seq} events, ${count('resumes')} resumes, ${count('snapshots')} snapshots in ${seconds} s`);
  for (const received of all) {
    expect(received.problem).toBeUndefined();
    expect(received.isComplete(stored.seq)).toBe(true);
  }
  const fresh = await new WireClient(server.port).opened();
  cleanups.push(() => fresh.ws.terminate());
  await fresh.authenticate(await pc.auth.current());
  const newcomer = new ReceivedDesk();
  fresh.ws.on('message', (data) => newcomer.take(String(data)));
  await fresh.request('subscribe', { channels: ['desk'] });
  await agreesWithLog(server.databaseUrl, trader.userId, newcomer);
  expect([newcomer.problem, newcomer.fold.snapshots]).toEqual([undefined, 1]);
});
