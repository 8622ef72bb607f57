import { afterEach, expect, test } from 'vitest';
import { ClientScenario } from '../../server/testing/sdk/clientScenario.ts';
import { until } from '../../server/testing/sdk/until.ts';

let scenario: ClientScenario;
afterEach(() => scenario.stop());

test('[SDK-60] pings a quiet server, says when it is stale, and recovers when it is heard again', async () => {
  scenario = await ClientScenario.start();
  await scenario.live();
  await scenario.roundTrip();
  scenario.server.answer = (request) => (request.op === 'ping' ? 'silence' : undefined);
  scenario.clock.advance(11_000);
  expect(scenario.client.status.state).toBe('live');
  scenario.clock.advance(1_000);
  await until(() => scenario.server.sent('ping').length === 2, 'the ping');
  scenario.clock.advance(4_000);
  expect(scenario.client.status.state).toBe('live');
  scenario.clock.advance(1_000);
  expect(scenario.client.status).toMatchObject({ state: 'stale', retryAt: null });
  scenario.server.pushHead();
  await until(() => scenario.server.sent('ack').length === 2, 'the head is acknowledged');
  scenario.clock.advance(1_000);
  expect(scenario.client.status).toMatchObject({ state: 'live', reason: null });
  expect(scenario.server.peers).toHaveLength(1);
});

test('[SDK-60] gives a silent connection up and comes back', async () => {
  scenario = await ClientScenario.start();
  await scenario.live();
  scenario.server.answer = () => 'silence';
  scenario.clock.advance(30_000);
  expect(scenario.client.status).toMatchObject({ state: 'offline', reason: 'nothing heard for 30 s' });
  scenario.server.answer = () => undefined;
  scenario.advanceToRetry();
  await scenario.untilState('live');
  expect(scenario.server.peers).toHaveLength(2);
  expect(scenario.states).toEqual([
    'connecting',
    'resuming',
    'live',
    'stale',
    'offline',
    'connecting',
    'resuming',
    'live',
  ]);
});

test('[SDK-60] does not ping while there is talk, but asks for the time once a minute', async () => {
  scenario = await ClientScenario.start();
  await scenario.live();
  for (let s = 0; s < 120; s += 10) {
    scenario.clock.advance(5_000);
    scenario.server.pushHead();
    scenario.clock.advance(0);
    const acks = scenario.server.sent('ack').length;
    await until(() => scenario.server.sent('ack').length > acks, 'the head is acknowledged');
    scenario.clock.advance(5_000);
  }
  expect(scenario.server.sent('ping').length).toBeLessThanOrEqual(2);
  expect(scenario.server.sent('ping').length).toBeGreaterThanOrEqual(1);
  expect(scenario.state()).toBe('live');
});

test('[SDK-61] follows the server clock while connected', async () => {
  scenario = await ClientScenario.start();
  await scenario.live();
  scenario.server.answer = (request) =>
    request.op === 'ping' ? { result: { serverTime: scenario.clock.now() + 5_000 } } : undefined;
  await scenario.pass(65_000);
  await until(() => scenario.client.serverNow() === scenario.clock.now() + 5_000, 'the new time');
});
