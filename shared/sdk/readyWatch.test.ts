import { afterEach, expect, test } from 'vitest';
import { ClientScenario } from '../../server/testing/sdk/clientScenario.ts';
import { until } from '../../server/testing/sdk/until.ts';
import { CLOSE } from '../protocol/closeCodes.ts';

let scenario: ClientScenario;
afterEach(() => scenario.stop());

/** Lets the client ask `times` times whether the server is ready, a second apart. */
async function ask(asked: () => number, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const before = asked();
    scenario.clock.advance(1_000);
    await until(() => asked() > before, 'the question');
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  }
}

test('[SDK-13] [MET-24] is back within a second and a half of the readiness of a server that was away, whatever the backoff', async () => {
  let ready = false;
  let asked = 0;
  scenario = await ClientScenario.start({
    random: () => 0.99,
    isReady: async () => {
      asked += 1;
      return ready;
    },
  });
  await scenario.live();
  scenario.server.answer = () => ({ close: CLOSE.restarting });
  scenario.server.peer.close(CLOSE.restarting, '');
  await scenario.untilState('offline');
  for (let attempt = 0; attempt < 6; attempt += 1) {
    scenario.advanceToRetry();
    await until(() => scenario.state() === 'offline', 'the next refusal');
  }
  expect((scenario.client.status.retryAt ?? 0) - scenario.clock.now()).toBeGreaterThan(20_000);
  await ask(() => asked, 3);
  expect(scenario.state()).toBe('offline');
  scenario.server.answer = () => undefined;
  ready = true;
  await ask(() => asked, 1);
  scenario.clock.advance(500);
  await scenario.untilState('live');
});

test('[SDK-13] a server that was ready all the time has its reasons to refuse: the backoff stands', async () => {
  let asked = 0;
  scenario = await ClientScenario.start({
    random: () => 0.99,
    isReady: async () => {
      asked += 1;
      return true;
    },
  });
  await scenario.live();
  scenario.server.answer = () => ({ close: CLOSE.restarting });
  scenario.server.peer.close(CLOSE.restarting, '');
  await scenario.untilState('offline');
  for (let attempt = 0; attempt < 6; attempt += 1) {
    scenario.advanceToRetry();
    await until(() => scenario.state() === 'offline', 'the next refusal');
  }
  const { retryAt } = scenario.client.status;
  await ask(() => asked, 5);
  expect(scenario.client.status).toMatchObject({ state: 'offline', retryAt });
});
