import { afterEach, describe, expect, test } from 'vitest';
import { ClientScenario } from '../../server/testing/sdk/clientScenario.ts';
import { until } from '../../server/testing/sdk/until.ts';

let scenario: ClientScenario;
afterEach(() => scenario.stop());

test('[SDK-60] pings a quiet server, says when it is stale, and recovers when it is heard again', async () => {
  scenario = await ClientScenario.start();
  await scenario.live();
  await scenario.roundTrip();
  scenario.server.answer = (request) => (request.op === 'ping' ? 'silence' : undefined);
  const heardAt = scenario.clock.now();
  scenario.clock.advance(3_000);
  expect(scenario.client.status.state).toBe('live');
  scenario.clock.advance(1_000);
  await until(() => scenario.server.sent('ping').length === 2, 'the ping');
  scenario.clock.advance(2_000);
  expect(scenario.client.status).toMatchObject({ state: 'live', asOf: null });
  scenario.clock.advance(1_000);
  expect(scenario.client.status).toMatchObject({ state: 'stale', asOf: heardAt, retryAt: null });
  scenario.server.pushHead();
  await until(() => scenario.server.sent('ack').length === 2, 'the head is acknowledged');
  scenario.clock.advance(1_000);
  expect(scenario.client.status).toMatchObject({ state: 'live', asOf: null, reason: null });
  expect(scenario.server.peers).toHaveLength(1);
});

test('[SDK-60] gives a silent connection up and comes back', async () => {
  scenario = await ClientScenario.start();
  await scenario.live();
  scenario.server.answer = () => 'silence';
  scenario.clock.advance(20_000);
  expect(scenario.client.status).toMatchObject({ state: 'offline', reason: 'nothing heard for 20 s' });
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
  for (let s = 0; s < 120; s += 3) {
    scenario.clock.advance(1_500);
    scenario.server.pushHead();
    scenario.clock.advance(0);
    const acks = scenario.server.sent('ack').length;
    await until(() => scenario.server.sent('ack').length > acks, 'the head is acknowledged');
    scenario.clock.advance(1_500);
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

describe('what the platform knows of the network', () => {
  test('[SDK-63] without a network nothing is live until the server is heard; silence ends the connection', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    await scenario.roundTrip();
    const heardAt = scenario.clock.now();
    scenario.clock.advance(500);
    scenario.client.networkLost();
    expect(scenario.client.status).toMatchObject({ state: 'stale', asOf: heardAt });
    await scenario.untilState('live');
    scenario.server.answer = () => 'silence';
    scenario.client.networkLost();
    scenario.clock.advance(2_000);
    expect(scenario.state()).toBe('stale');
    scenario.clock.advance(1_000);
    expect(scenario.state()).toBe('offline');
  });

  test('[SDK-63] with the network back, or the program awake, the server is asked or connected to at once', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    const pings = scenario.server.sent('ping').length;
    scenario.client.networkBack();
    expect(scenario.state(), 'heard a moment ago').toBe('live');
    await until(() => scenario.server.sent('ping').length === pings + 1, 'the ping');
    await scenario.roundTrip();
    scenario.server.answer = () => 'silence';
    scenario.client.networkBack();
    scenario.clock.advance(3_000);
    expect(scenario.state()).toBe('offline');
    scenario.server.answer = () => undefined;
    scenario.client.networkBack();
    await scenario.untilState('live');
  });

  test('[SDK-64] one time up to which the view was current, whatever is tried meanwhile', async () => {
    scenario = await ClientScenario.start();
    expect(scenario.client.status.asOf).toBeNull();
    await scenario.live();
    await scenario.roundTrip();
    const heardAt = scenario.clock.now();
    scenario.clock.advance(2_000);
    scenario.server.answer = () => 'silence';
    scenario.server.peer.cut();
    await scenario.untilState('offline');
    for (let attempt = 0; attempt < 3; attempt += 1) {
      scenario.advanceToRetry();
      scenario.clock.advance(10_000);
      await scenario.untilState('offline');
      expect(scenario.client.status.asOf).toBe(heardAt);
    }
    scenario.server.answer = () => undefined;
    scenario.advanceToRetry();
    await scenario.untilState('live');
    expect(scenario.client.status.asOf).toBeNull();
  });
});
