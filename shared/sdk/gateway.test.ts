import { afterEach, beforeEach, expect, test } from 'vitest';
import { sampleAccount, sampleBot, sampleFill } from '../../server/testing/deskSamples.ts';
import { GatewayWorld } from '../../server/testing/gatewayWorld.ts';
import { CuttableProxy } from '../../server/testing/sdk/cuttableProxy.ts';
import { until } from '../../server/testing/sdk/until.ts';
import { hashView } from '../view/hashView.ts';
import { type Auth, createAuth, memoryStorage } from './auth.ts';
import { createClient, type FillwireClient } from './client.ts';
import { nodeWebSocket } from './nodeWebSocket.ts';

/** The SDK against the real gateway and the real identity, over real sockets. */
const LIMITS = {
  headEveryMs: 50,
  headsPollMs: 50,
  credentialsPerMinute: 1_000,
  connectionRate: { perSecond: 5_000, burst: 5_000 },
  userRate: { perSecond: 5_000, burst: 5_000 },
  addressRate: { perSecond: 5_000, burst: 5_000 },
};

let world: GatewayWorld;
let proxy: CuttableProxy;
let clients: FillwireClient[];
beforeEach(async () => {
  world = await GatewayWorld.start({ limits: LIMITS });
  proxy = await CuttableProxy.start(world.port);
  clients = [];
});
afterEach(async () => {
  for (const client of clients) client.close();
  await proxy.stop();
  await world.stop();
});

async function user(name: string): Promise<{ auth: Auth; deskId: string }> {
  const auth = createAuth({ url: proxy.url, storage: memoryStorage(), mode: 'token' });
  const { userId } = await auth.register({ email: `${name}@example.com`, password: `correct horse ${name}` });
  return { auth, deskId: userId };
}

function device(auth: Auth, id: string): FillwireClient {
  const client = createClient({
    url: proxy.url,
    device: { id, name: id, kind: 'program' },
    tokens: auth,
    webSocket: nodeWebSocket,
    // No jitter: cut connections come back at once.
    random: () => 0,
  });
  clients.push(client);
  client.connect();
  return client;
}

const live = (client: FillwireClient) =>
  until(() => client.status.state === 'live', `live: ${client.status.reason}`);

async function expectSameView(client: FillwireClient, deskId: string): Promise<void> {
  const head = world.desks.head(deskId);
  await until(() => client.position?.seq === head, `frame ${head} has come`);
  const position = { epoch: world.desks.logEpoch, seq: head };
  expect(client.position).toEqual(position);
  expect(client.hash()).toBe(hashView(position.epoch, head, world.desks.viewAt(deskId, head)));
}

test('[SDK-1, SDK-21, SDK-41] what one device does, every other sees', async () => {
  const { auth, deskId } = await user('anna');
  const [desk, phone] = [device(auth, 'desk'), device(auth, 'phone')];
  await Promise.all([live(desk), live(phone)]);
  const { botId } = await desk.request('bots.create', {
    name: 'My bot',
    accountId: 'account-1',
    symbol: 'BTCUSDT',
    interval: '1m',
    strategy: 'momentum',
    allocationPct: '10',
  });
  await desk.request('bots.start', { botId });
  await until(() => phone.view.bots[botId]?.state === 'running', 'the phone sees it running');
  await phone.request('bots.stop', { botId });
  await until(() => desk.view.bots[botId]?.state === 'stopped', 'the desk sees it stopped');
  await expectSameView(desk, deskId);
  await expectSameView(phone, deskId);
  await expect(phone.request('bots.start', { botId: 'nobody’s' })).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('[SDK-21, SDK-22, SDK-23] cut at any moment and with lost messages, each frame is folded once', async () => {
  const { auth, deskId } = await user('anna');
  const client = device(auth, 'desk');
  const told = new Map<number, number>();
  let snapshots = 0;
  client.onView(({ frames }) => {
    if (frames === 'snapshot') snapshots += 1;
    else for (const { seq } of frames) told.set(seq, (told.get(seq) ?? 0) + 1);
  });
  let resumes = 0;
  client.onStatus(({ state }) => {
    if (state === 'resuming') resumes += 1;
  });
  await live(client);
  world.desks.loses = ({ seq }) => seq % 97 === 0;
  let fills = 0;
  const append = () => {
    fills += 1;
    if (fills % 5 === 0)
      world.desks.append(deskId, 'BotUpdated', {
        bot: sampleBot({ botId: `bot${fills % 7}`, version: fills }),
      });
    else world.desks.append(deskId, 'FillRecorded', { fill: sampleFill({ fillId: `fill${fills}` }) });
  };
  for (let cut = 0; cut < 60; cut += 1) {
    for (let turn = 0; turn < 1 + (cut % 5); turn += 1) {
      for (let n = 0; n < 10; n += 1) append();
      await new Promise((resolve) => setImmediate(resolve));
    }
    proxy.cut();
    if (cut % 20 === 19) for (let n = 0; n < 1_100; n += 1) append();
    else append();
    await until(() => client.status.state !== 'live', 'the cut is noticed');
    await live(client);
  }
  world.desks.loses = () => false;
  await until(() => client.position?.seq === world.desks.head(deskId), 'all frames');
  await live(client);
  await expectSameView(client, deskId);
  expect([...told.values()].every((times) => times === 1)).toBe(true);
  expect(resumes).toBeGreaterThanOrEqual(60);
  expect(snapshots).toBeGreaterThanOrEqual(2);
});

test('[SDK-41] commands sent into cuts have one effect each', async () => {
  const { auth, deskId } = await user('anna');
  const client = device(auth, 'desk');
  await live(client);
  world.desks.append(deskId, 'BotCreated', { bot: sampleBot({ botId: 'bot1' }) });
  const replies: Promise<unknown>[] = [];
  for (let n = 0; n < 30; n += 1) {
    replies.push(client.request(n % 2 === 0 ? 'bots.start' : 'bots.stop', { botId: 'bot1' }));
    if (n % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    if (n % 5 === 0) proxy.cut();
  }
  await Promise.all(replies);
  expect(world.desks.executed).toHaveLength(30);
  expect(new Set(world.desks.executed.map(({ commandId }) => commandId)).size).toBe(30);
  await until(() => client.position?.seq === world.desks.head(deskId), 'all frames');
  await expectSameView(client, deskId);
});

test('[SDK-24] a restored log is told with a snapshot', async () => {
  const { auth, deskId } = await user('anna');
  const client = device(auth, 'desk');
  await live(client);
  world.desks.append(deskId, 'FillRecorded', { fill: sampleFill({ fillId: 'fill1' }) });
  await until(() => client.position?.seq === 2, 'the fill');
  proxy.cut();
  world.desks.logEpoch = 'epoch-2';
  world.desks.publishHeads();
  await until(() => client.position?.epoch === 'epoch-2', 'the new epoch');
  await expectSameView(client, deskId);
});

test('[SDK-29] the server knows how far each device is', async () => {
  const { auth, deskId } = await user('anna');
  const client = device(auth, 'desk');
  await live(client);
  world.desks.append(deskId, 'FillRecorded', { fill: sampleFill({ fillId: 'fill1' }) });
  await until(() => client.position?.seq === 2, 'the fill');
  const acked = async (): Promise<number | null | undefined> => {
    const { devices } = await client.request('devices.list', {});
    return devices.find(({ deviceId }) => deviceId === client.session?.deviceId)?.ackedSeq;
  };
  await expect.poll(acked).toBe(2);
});

test('[SDK-50, SDK-77] two users on every channel hear nothing of each other', async () => {
  const [anna, ben] = await Promise.all([user('anna'), user('ben')]);
  const [hers, his] = [device(anna.auth, 'hers'), device(ben.auth, 'his')];
  await Promise.all([live(hers), live(his)]);
  const heard: unknown[] = [];
  his.onView(({ frames }) => heard.push(frames));
  for (const channel of [
    'pnl',
    'devices',
    'log:bot1',
    'ticker:sim.BTCUSDT',
    'candles:sim.BTCUSDT.1m',
  ] as const) {
    his.subscribe(channel, (push) => heard.push(push));
    hers.subscribe(channel, () => {});
  }
  world.desks.append(anna.deskId, 'BotCreated', {
    bot: sampleBot({ botId: 'bot1', name: 'secret-of-anna' }),
  });
  world.desks.append(anna.deskId, 'AccountChanged', { account: sampleAccount('secret-of-anna') });
  await until(() => hers.position?.seq === 3, 'she has it');
  await his.request('ping', {});
  proxy.cut();
  await until(() => his.status.state !== 'live', 'cut');
  await live(his);
  expect(JSON.stringify([heard, his.view])).not.toMatch(/secret-of-anna/);
  await expectSameView(his, ben.deskId);
  await expect(his.request('bots.start', { botId: 'bot1' })).rejects.toMatchObject({ code: 'not_found' });
});

test('[SDK-6] logging out ends the sockets of the session', async () => {
  const { auth } = await user('anna');
  const client = device(auth, 'desk');
  await live(client);
  await auth.logout();
  await until(() => client.status.state === 'logged_out', 'logged out');
  await expect(client.request('bots.list', {})).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('[SDK-70] ten clients of one login refreshing at once all stay', async () => {
  const storage = memoryStorage();
  const first = createAuth({ url: proxy.url, storage, mode: 'token' });
  await first.register({ email: 'anna@example.com', password: 'correct horse anna' });
  // Ten programs that share the stored login and no lock: the server bears with the immediate predecessor.
  const auths = Array.from({ length: 10 }, () => createAuth({ url: proxy.url, storage, mode: 'token' }));
  const stale = await first.current();
  const tokens = await Promise.all(auths.map((auth) => auth.refresh(stale)));
  expect(tokens).toHaveLength(10);
  const all = auths.map((auth, n) => device(auth, `device${n}`));
  await Promise.all(all.map(live));
  expect(auths.every(({ session }) => session !== undefined)).toBe(true);
});
