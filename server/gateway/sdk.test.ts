import { afterEach, expect, it } from 'vitest';
import { type Auth, createAuth } from '../../shared/sdk/auth.ts';
import { createClient, type FillwireClient } from '../../shared/sdk/client.ts';
import { nodeWebSocket } from '../../shared/sdk/nodeWebSocket.ts';
import type { WebSocketLike } from '../../shared/sdk/webSocket.ts';
import { hashView } from '../../shared/view/hashView.ts';
import { NEW_BOT, sampleBot, sampleFill } from '../testing/deskSamples.ts';
import type { GatewayWorld } from '../testing/gatewayWorld.ts';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();
const clients: FillwireClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

interface Device {
  auth: Auth;
  client: FillwireClient;
  cut(): void;
}

/** The product's own client, with its connection within reach of the scissors. */
function device(here: GatewayWorld, id: string): Device {
  const url = `http://127.0.0.1:${here.port}`;
  let kept: string | null = null;
  const storage = {
    get: () => kept,
    set: (text: string | null) => {
      kept = text;
    },
  };
  const auth = createAuth({ url, storage, mode: 'token' });
  let socket: WebSocketLike | undefined;
  const client = createClient({
    url,
    device: { id, name: id, kind: 'program' },
    tokens: auth,
    webSocket: (address, protocol) => {
      socket = nodeWebSocket(address, protocol);
      return socket;
    },
    // No waiting between attempts: the test is about what is kept, not about patience.
    random: () => 0,
  });
  clients.push(client);
  return { auth, client, cut: () => socket?.close() };
}

function until(client: FillwireClient, condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stops: Array<() => void> = [];
    const look = (): void => {
      if (!condition()) return;
      for (const stop of stops) stop();
      resolve();
    };
    stops.push(client.onView(look), client.onStatus(look));
    look();
  });
}

const ADA = { email: 'ada@example.com', password: 'correct horse battery' };

it('[WS-14] the SDK keeps two devices equal to the log while their sockets are cut', async () => {
  const here = await start();
  const [pc, phone] = [device(here, 'pc'), device(here, 'phone')];
  const { userId } = await pc.auth.register(ADA);
  await phone.auth.login(ADA);
  for (const { client } of [pc, phone]) {
    client.connect();
    await until(client, () => client.status.state === 'live');
  }
  for (let n = 0; n < 600; n += 1) {
    here.desks.append(userId, 'BotUpdated', { bot: sampleBot({ botId: `b${n % 7}`, name: `${n}` }) });
    here.desks.append(userId, 'FillRecorded', { fill: sampleFill({ fillId: `f${n}` }) });
    if (n % 97 === 0) pc.cut();
    if (n % 131 === 0) phone.cut();
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  const head = here.desks.head(userId);
  const hash = hashView('epoch-1', head, here.desks.viewAt(userId, head));
  for (const { client } of [pc, phone]) {
    await until(client, () => client.position?.seq === head && client.status.state === 'live');
    expect(client.hash()).toBe(hash);
  }
});

it('[WS-9] what one device of the SDK commands, the other sees; a revoked one is logged out', async () => {
  const here = await start();
  const [pc, phone] = [device(here, 'pc'), device(here, 'phone')];
  await pc.auth.register(ADA);
  await phone.auth.login(ADA);
  for (const { client } of [pc, phone]) {
    client.connect();
    await until(client, () => client.status.state === 'live');
  }
  const { botId } = await pc.client.request('bots.create', NEW_BOT);
  await until(phone.client, () => phone.client.view.bots[botId] !== undefined);
  await pc.client.request('bots.start', { botId });
  await until(phone.client, () => phone.client.view.bots[botId]?.state === 'running');
  await phone.client.request('bots.stop', { botId });
  await until(pc.client, () => pc.client.view.bots[botId]?.state === 'stopped');
  expect(pc.client.view.bots[botId]?.changedBy.deviceId).toBe('phone');

  await pc.client.request('devices.revoke', { deviceId: 'phone' });
  await until(phone.client, () => phone.client.status.state === 'logged_out');
  expect(pc.client.status.state).toBe('live');
});
