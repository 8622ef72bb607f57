import { afterEach, describe, expect, test } from 'vitest';
import { ClientScenario } from '../../server/testing/sdk/clientScenario.ts';
import type { ScriptedReply, ScriptedRequest } from '../../server/testing/sdk/scriptedServer.ts';
import { until } from '../../server/testing/sdk/until.ts';
import { CLOSE } from '../protocol/closeCodes.ts';
import { wireError } from '../protocol/errors.ts';
import type { FillwireError } from './fillwireError.ts';

let scenario: ClientScenario;
afterEach(() => scenario.stop());

/** Settled or not, without waiting. */
function watch<T>(promise: Promise<T>): { result: T | undefined; error: FillwireError | undefined } {
  const watched: { result: T | undefined; error: FillwireError | undefined } = {
    result: undefined,
    error: undefined,
  };
  promise.then(
    (result) => {
      watched.result = result;
    },
    (error: FillwireError) => {
      watched.error = error;
    },
  );
  return watched;
}

/** A desk that starts bots: each command id has one effect, its first reply is repeated. */
function effects() {
  const started: string[] = [];
  const replies = new Map<string, ScriptedReply>();
  const answer = (request: ScriptedRequest): ScriptedReply | undefined => {
    if (!request.op.startsWith('bots.') || request.commandId === undefined) return undefined;
    const known = replies.get(request.commandId);
    if (known !== undefined) return known;
    started.push(String(request.args.botId));
    const reply = { result: { status: 'accepted', seq: started.length } };
    replies.set(request.commandId, reply);
    return reply;
  };
  return { started, answer };
}

describe('replies', () => {
  test('[SDK-40] go to whom they belong, in any order', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    const held: ScriptedRequest[] = [];
    scenario.server.answer = (request) => {
      if (request.op !== 'market.instruments') return undefined;
      held.push(request);
      return 'silence';
    };
    const first = scenario.client.request('market.instruments', { venue: 'sim' });
    const second = scenario.client.request('market.instruments', { venue: 'other' });
    await until(() => held.length === 2, 'both are asked');
    for (const { id, args } of held.toReversed()) {
      scenario.server.peer.send({ id, ok: true, result: { instruments: [], of: args.venue } });
    }
    expect(await first).toMatchObject({ of: 'sim' });
    expect(await second).toMatchObject({ of: 'other' });
  });

  test('[SDK-40] tell refusals in full', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    const message = 'leverage is limited';
    const denial = { limit: 'leverage', figures: { actual: 20, allowed: 5 } } as const;
    const details = { denials: [denial] };
    scenario.server.answer = (request) =>
      request.op === 'bots.start' ? { error: wireError('denied', message, details) } : undefined;
    await expect(scenario.client.request('bots.start', { botId: 'bot1' })).rejects.toMatchObject({
      name: 'FillwireError',
      code: 'denied',
      message,
      retryable: false,
      details,
    });
  });

  test('[SDK-44] that never come: a read is unavailable', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    scenario.server.answer = (request) => (request.op === 'bots.list' ? 'silence' : undefined);
    const read = watch(scenario.client.request('bots.list', {}, { timeoutMs: 3_000 }));
    await scenario.pass(3_000);
    expect(read.error).toMatchObject({ code: 'unavailable', retryable: true });
  });

  test('[SDK-44] that never come: the outcome of a command is unknown, and its id is told', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    const commandId = 'command-1';
    scenario.server.answer = (request) => (request.op === 'bots.stop' ? 'silence' : undefined);
    const command = watch(scenario.client.request('bots.stop', { botId: 'bot1' }, { commandId }));
    await scenario.pass(14_999);
    expect(command.error).toBeUndefined();
    await scenario.pass(1);
    expect(command.error).toMatchObject({ code: 'unknown_outcome', details: { commandId } });
  });
});

describe('after a reconnect', () => {
  test('[SDK-41] a command whose reply was lost is sent again and has one effect', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    const desk = effects();
    scenario.server.answer = (request, peer) => {
      const reply = desk.answer(request);
      if (reply === undefined || scenario.server.peers.length > 1) return reply;
      peer.cut();
      return 'silence';
    };
    const args = { botId: 'bot1' };
    const command = scenario.client.request('bots.start', args);
    args.botId = 'changed by the caller';
    await scenario.comeBack();
    expect(await command).toEqual({ status: 'accepted', seq: 1 });
    expect(desk.started).toEqual(['bot1']);
    const [first, again] = scenario.server.sent('bots.start');
    expect(first?.commandId).toMatch(/^[0-9a-f]{32}$/);
    expect(again).toEqual(first);
  });

  test('[SDK-41] every kind of command is sent again, in order, each with one effect', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    const desk = effects();
    scenario.server.answer = (request, peer) => {
      const reply = desk.answer(request);
      if (reply === undefined || scenario.server.peers.length > 2) return reply;
      if (desk.started.length === 3) peer.cut();
      return 'silence';
    };
    const replies = Promise.all([
      scenario.client.request('bots.clone', { botId: 'a', name: 'b' }),
      scenario.client.request('bots.start', { botId: 'b' }),
      scenario.client.request('bots.delete', { botId: 'c' }),
    ]);
    await scenario.comeBack();
    scenario.server.peer.close(CLOSE.slowReader);
    await scenario.comeBack();
    await replies;
    expect(desk.started).toEqual(['a', 'b', 'c']);
    const lastPeer = scenario.server.peer.requests.map(({ op }) => op).filter((op) => op.startsWith('bots.'));
    expect(lastPeer).toEqual(['bots.clone', 'bots.start', 'bots.delete']);
  });

  test('[SDK-43] a read is sent again', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    scenario.server.answer = (request) => {
      if (request.op !== 'bots.list') return undefined;
      return scenario.server.peers.length > 1 ? { result: { bots: [] } } : 'silence';
    };
    const read = scenario.client.request('bots.list', {});
    await until(() => scenario.server.sent('bots.list').length === 1, 'it was sent');
    scenario.server.peer.cut();
    await scenario.comeBack();
    expect(await read).toEqual({ bots: [] });
    expect(scenario.server.sent('bots.list')[0]).not.toHaveProperty('commandId', expect.anything());
  });

  test('[SDK-42] an exposure command is not sent again after its time: the outcome is unknown', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    scenario.server.answer = (request) => (request.op === 'bots.start' ? 'silence' : undefined);
    const command = watch(scenario.client.request('bots.start', { botId: 'bot1' }, { validForMs: 100 }));
    await until(() => scenario.server.sent('bots.start').length === 1, 'it was sent');
    scenario.server.peer.cut();
    await scenario.comeBack();
    await until(() => command.error !== undefined, 'the refusal');
    expect(command.error?.code).toBe('unknown_outcome');
    expect(scenario.server.sent('bots.start')).toHaveLength(1);
  });

  test('[SDK-42] an exposure command that never left in time has expired', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    scenario.server.peer.cut();
    await scenario.untilState('offline');
    const command = watch(scenario.client.request('bots.start', { botId: 'bot1' }, { validForMs: 100 }));
    await scenario.comeBack();
    await until(() => command.error !== undefined, 'the refusal');
    expect(command.error?.code).toBe('expired');
    expect(scenario.server.sent('bots.start')).toHaveLength(0);
  });
});

describe('refused for the rate', () => {
  const slowDown = (retryAfterMs: number): ScriptedReply => {
    const bound = { limit: 'requests per connection', actual: null, allowed: '50/s, 100 at once' };
    return { error: wireError('rate_limited', 'too many requests', { ...bound, retryAfterMs }) };
  };
  /** Refuses the first `times` of an op, then answers them. */
  const refusing = (op: string, times: number, retryAfterMs: number, result: unknown) => {
    let asked = 0;
    scenario.server.answer = (request) => {
      if (request.op !== op) return undefined;
      asked += 1;
      return asked > times ? { result } : slowDown(retryAfterMs);
    };
  };
  const sent = (op: string, count: number) =>
    until(() => scenario.server.sent(op).length === count, `${op} was sent ${count} times`);
  /** Time passes, and whatever it sent is answered. */
  async function wait(ms: number): Promise<void> {
    scenario.clock.advance(ms);
    await scenario.roundTrip();
  }

  test('[SDK-48] a read waits as long as it is told, and is sent again, three times at most', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    refusing('bots.list', 3, 400, { bots: [] });
    const read = watch(scenario.client.request('bots.list', {}));
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await sent('bots.list', attempt);
      await scenario.roundTrip();
      await wait(399);
      expect(scenario.server.sent('bots.list')).toHaveLength(attempt);
      await wait(1);
    }
    await until(() => read.result !== undefined, 'its answer');
    expect(scenario.server.sent('bots.list')).toHaveLength(4);

    refusing('venues.list', 9, 400, {});
    const refused = watch(scenario.client.request('venues.list', {}));
    for (let pause = 0; pause < 4; pause += 1) {
      await scenario.roundTrip();
      await wait(400);
    }
    expect(refused.error).toMatchObject({ code: 'rate_limited', details: { retryAfterMs: 400 } });
    await wait(400);
    expect(scenario.server.sent('venues.list')).toHaveLength(4);
  });

  test('[SDK-48] a command is sent again as it was: nobody had looked at it', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    refusing('bots.start', 1, 250, { status: 'accepted', seq: 1 });
    const command = watch(scenario.client.request('bots.start', { botId: 'bot1' }));
    await sent('bots.start', 1);
    await scenario.roundTrip();
    await wait(250);
    await until(() => command.result !== undefined, 'its answer');
    const [first, again] = scenario.server.sent('bots.start');
    expect(again).toEqual(first);
  });

  test('[SDK-48] nothing waits beyond the time its caller gave, and an exposure command has expired, not an unknown outcome', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    refusing('bots.list', 1, 5_000, { bots: [] });
    await expect(scenario.client.request('bots.list', {}, { timeoutMs: 5_000 })).rejects.toMatchObject({
      code: 'rate_limited',
    });
    expect(scenario.server.sent('bots.list')).toHaveLength(1);

    refusing('bots.start', 9, 300, {});
    const late = watch(scenario.client.request('bots.start', { botId: 'bot1' }, { validForMs: 200 }));
    await sent('bots.start', 1);
    await scenario.roundTrip();
    await wait(300);
    await until(() => late.error !== undefined, 'the refusal');
    expect(late.error?.code).toBe('expired');
    expect(scenario.server.sent('bots.start')).toHaveLength(1);
  });

  test('[SDK-48] a command whose reply was lost before stays of unknown outcome', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    scenario.server.answer = (request) => (request.op === 'bots.stop' ? 'silence' : undefined);
    const command = watch(
      scenario.client.request('bots.stop', { botId: 'bot1' }, { commandId: 'command-1' }),
    );
    await sent('bots.stop', 1);
    scenario.server.peer.cut();
    refusing('bots.stop', 9, 60_000, {});
    await scenario.comeBack();
    await until(() => command.error !== undefined, 'the refusal');
    expect(command.error).toMatchObject({ code: 'unknown_outcome', details: { commandId: 'command-1' } });
  });

  test('[SDK-48] closing ends the wait', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    refusing('bots.list', 9, 300, { bots: [] });
    const read = watch(scenario.client.request('bots.list', {}));
    await sent('bots.list', 1);
    await scenario.roundTrip();
    scenario.client.close();
    await until(() => read.error !== undefined, 'the end');
    scenario.clock.advance(300);
    expect(scenario.server.sent('bots.list')).toHaveLength(1);
  });
});

describe('what a command carries', () => {
  test('[SDK-42] exposure: validUntil, by the server clock', async () => {
    scenario = await ClientScenario.start({}, -7_000_000);
    const early = scenario.client;
    early.connect();
    const waiting = early.request('bots.resume', { botId: 'bot1' });
    const askedAt = scenario.clock.now();
    scenario.server.answer = effects().answer;
    await waiting;
    await scenario.client.request('bots.start', { botId: 'bot1' }, { validForMs: 3_000 });
    expect(scenario.server.sent('bots.resume')[0]?.validUntil).toBe(askedAt - 7_000_000 + 10_000);
    expect(scenario.server.sent('bots.start')[0]?.validUntil).toBe(scenario.clock.now() - 7_000_000 + 3_000);
  });

  test('[SDK-47] exit: neither version nor expiry; others: the version asked for', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    scenario.server.answer = effects().answer;
    await scenario.client.request('bots.stop', { botId: 'bot1' }, { expectedVersion: 3, validForMs: 5 });
    await scenario.client.request('bots.delete', { botId: 'bot1' }, { expectedVersion: 3, validForMs: 5 });
    expect(scenario.server.sent('bots.stop')[0]).toMatchObject({
      expectedVersion: undefined,
      validUntil: undefined,
      commandId: expect.any(String),
    });
    expect(scenario.server.sent('bots.delete')[0]).toMatchObject({
      expectedVersion: 3,
      validUntil: undefined,
    });
  });
});

describe('bounds', () => {
  test('[SDK-45] 256 wait and 40 are in flight; exits have their own places and leave first', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    scenario.server.answer = (request) => (request.op.startsWith('bots.') ? 'silence' : undefined);
    const reads = Array.from({ length: 256 }, () => watch(scenario.client.request('bots.list', {})));
    await expect(scenario.client.request('bots.list', {})).rejects.toMatchObject({
      code: 'rate_limited',
      details: { limit: 'requests', allowed: '256', retryAfterMs: 100 },
    });
    const exits = Array.from({ length: 64 }, (_, n) =>
      watch(scenario.client.request('bots.stop', { botId: `bot${n}` })),
    );
    await expect(scenario.client.request('bots.stop', { botId: 'one too many' })).rejects.toMatchObject({
      code: 'rate_limited',
      details: { limit: 'requests', allowed: '64', retryAfterMs: 100 },
    });
    await until(() => scenario.server.sent('bots.stop').length === 12, 'exits were sent');
    expect(scenario.server.sent('bots.list')).toHaveLength(40);
    scenario.server.peer.cut();
    scenario.server.answer = (request) =>
      request.op === 'bots.list'
        ? { result: { bots: [] } }
        : request.op === 'bots.stop'
          ? { result: { status: 'accepted', seq: 1 } }
          : undefined;
    await scenario.comeBack();
    await until(() => [...reads, ...exits].every(({ result }) => result !== undefined), 'all are answered');
    const ops = scenario.server.peer.requests.map(({ op }) => op).filter((op) => op.startsWith('bots.'));
    expect(ops.slice(0, 12)).toEqual(Array.from({ length: 12 }, () => 'bots.stop'));
    expect(ops).toHaveLength(256 + 64);
    expect(await scenario.client.request('bots.list', {})).toEqual({ bots: [] });
  });

  test('[SDK-46] nothing is accepted that nobody will send', async () => {
    scenario = await ClientScenario.start();
    await expect(scenario.client.request('bots.list', {})).rejects.toMatchObject({ code: 'unavailable' });
    await scenario.live();
    await expect(scenario.client.request('ack', { seq: 1 })).rejects.toMatchObject({ code: 'bad_request' });
    await expect(scenario.client.request('session.refresh', { token: 'x' })).rejects.toMatchObject({
      code: 'bad_request',
    });
    scenario.server.peer.close(CLOSE.revoked);
    await scenario.untilState('logged_out');
    await expect(scenario.client.request('bots.list', {})).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});
