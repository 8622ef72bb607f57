import { afterEach, expect, test } from 'vitest';
import { ClientScenario } from '../../server/testing/sdk/clientScenario.ts';
import { until } from '../../server/testing/sdk/until.ts';

let scenario: ClientScenario;
afterEach(() => scenario.stop());

test('[SDK-80] [FOUND-11] the status says what keeps this desk from being served, until it is over or the connection is another', async () => {
  scenario = await ClientScenario.start();
  await scenario.live();
  const trouble = () => scenario.client.status.trouble;
  expect(trouble()).toBeNull();
  const data = { since: 1_700_000_000_000, reason: 'desk_stuck' } as const;
  const push = { ch: 'session', kind: 'desk.trouble', ts: data.since, data };
  scenario.server.push(push);
  await until(() => trouble() !== null, 'trouble');
  expect(scenario.client.status).toMatchObject({ state: 'live', trouble: data, degraded: null });
  scenario.server.push({ ch: 'session', kind: 'desk.recovered', ts: 0, data: {} });
  await until(() => trouble() === null, 'recovered');
  scenario.server.push(push);
  await until(() => trouble() !== null, 'trouble again');
  scenario.server.peer.cut();
  await scenario.untilState('offline');
  scenario.client.connect();
  await scenario.untilState('live');
  expect(trouble()).toBeNull();
});
