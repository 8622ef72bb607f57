import { afterEach, expect, test } from 'vitest';
import { ClientScenario } from '../../server/testing/sdk/clientScenario.ts';
import { until } from '../../server/testing/sdk/until.ts';

let scenario: ClientScenario;
afterEach(() => scenario.stop());

const degraded = () => scenario.client.status.degraded;
const data = { since: 1_700_000_000_000, reason: 'store_unreachable' } as const;
const push = { ch: 'session', kind: 'server.degraded', ts: data.since, data };

test('[SDK-79] [R12] the status says that the server can store nothing, until that is over', async () => {
  scenario = await ClientScenario.start();
  await scenario.live();
  expect(degraded()).toBeNull();
  scenario.server.push(push);
  await until(() => degraded() !== null, 'degraded');
  expect(scenario.client.status).toMatchObject({ state: 'live', degraded: data });
  scenario.server.push({ ch: 'session', kind: 'server.recovered', ts: 0, data: { awayMs: 5 } });
  await until(() => degraded() === null, 'recovered');
});

test('[SDK-79] a new connection begins without what the former one was told: the server says it anew', async () => {
  scenario = await ClientScenario.start();
  await scenario.live();
  scenario.server.push(push);
  await until(() => degraded() !== null, 'degraded');
  scenario.server.peer.cut();
  await scenario.untilState('offline');
  scenario.client.connect();
  await scenario.untilState('live');
  expect(degraded()).toBeNull();
});
