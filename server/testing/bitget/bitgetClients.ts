import { RestClientV2, RestClientV3, WebsocketClientV2, WebsocketClientV3 } from 'bitget-api';
import type { StandIn } from '../../standIn/bitget/startStandIn.ts';
import type { Cleanup } from '../cleanups.ts';
import { keysOf } from './signedClient.ts';

const silent = { trace: () => {}, info: () => {}, error: () => {} };

/** What a private stream of bitget-api told, by topic. */
export class StreamLog {
  readonly #heard: { topic: string; row: Record<string, unknown> }[] = [];
  logins = 0;

  take(event: unknown): void {
    const { arg, data } = event as { arg: { topic?: string; channel?: string }; data: unknown[] };
    for (const row of data)
      this.#heard.push({ topic: arg.topic ?? arg.channel ?? '', row: row as Record<string, unknown> });
  }

  of(topic: string): Record<string, unknown>[] {
    return this.#heard.filter((one) => one.topic === topic).map(({ row }) => row);
  }
}

const credentials = (apiKey: string) => {
  const { secret: apiSecret, passphrase: apiPass } = keysOf(apiKey);
  return { apiKey, apiSecret, apiPass, demoTrading: true };
};

/** bitget-api's own clients on the stand-in, as its pages say to use them. */
export function v3Client(standIn: StandIn, apiKey: string): RestClientV3 {
  return new RestClientV3({ ...credentials(apiKey), baseUrl: standIn.url });
}

export function v2Client(standIn: StandIn, apiKey: string): RestClientV2 {
  return new RestClientV2({ ...credentials(apiKey), baseUrl: standIn.url });
}

export function v3Stream(standIn: StandIn, apiKey: string, cleanups: Cleanup[]): StreamLog {
  const wsUrl = `${standIn.wsUrl}/v3/ws/private`;
  const client = new WebsocketClientV3({ ...credentials(apiKey), wsUrl }, silent);
  const log = listen(client, cleanups);
  const topics = ['account', 'position', 'order', 'fill', 'strategy-order'] as const;
  void client.subscribe(
    topics.map((topic) => ({ topic, payload: { instType: 'UTA' } })),
    'v3Private',
  );
  return log;
}

export function v2Stream(standIn: StandIn, apiKey: string, cleanups: Cleanup[]): StreamLog {
  const wsUrl = `${standIn.wsUrl}/v2/ws/private`;
  const client = new WebsocketClientV2({ ...credentials(apiKey), wsUrl }, silent);
  const log = listen(client, cleanups);
  void client.subscribeTopic('USDT-FUTURES', 'account');
  for (const topic of ['positions', 'orders', 'fill', 'orders-algo'] as const)
    void client.subscribe({ topic, payload: { instType: 'USDT-FUTURES', instId: 'default' } }, 'v2Private');
  return log;
}

function listen(client: WebsocketClientV3 | WebsocketClientV2, cleanups: Cleanup[]): StreamLog {
  const log = new StreamLog();
  client.on('update', (event) => log.take(event));
  client.on('authenticated', () => {
    log.logins += 1;
  });
  // What it cannot do otherwise ends the process: it is told where it counts, by what is missing.
  client.on('exception', () => {});
  cleanups.push(() => client.closeAll(true));
  return log;
}
