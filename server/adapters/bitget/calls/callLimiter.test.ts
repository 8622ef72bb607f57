import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../../testing/venue/manualClock.ts';
import { CallLimiter, type Lane } from './callLimiter.ts';

const ORDERS = { key: 'a orders', calls: 10, perMs: 1_000 };
const ADDRESS = { key: 'address', calls: 100, perMs: 60_000 };
const PATIENCE_MS = 600_000;

function world() {
  const clock = new ManualClock();
  const began = clock.elapsed();
  const limiter = new CallLimiter(clock, () => 0);
  const left: { at: number; lane: Lane; name: string }[] = [];
  const ask = (lane: Lane, name = '', budgets = [ORDERS]) =>
    limiter.acquire(budgets, lane, PATIENCE_MS).then((answered) => {
      left.push({ at: clock.elapsed() - began, lane, name });
      answered();
    });
  const settled = async () => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
  };
  return { clock, limiter, left, ask, settled };
}

describe('the limiter', () => {
  test('[BIT-26] never lets more go in any stretch of time than the exchange takes', async () => {
    const { clock, left, ask, settled } = world();
    for (let index = 0; index < 60; index += 1) void ask(index % 3 === 0 ? 'exit' : 'entry');
    for (let step = 0; step < 1_000; step += 1) {
      clock.advance(20);
      await settled();
    }
    expect(left).toHaveLength(60);
    for (const { at } of left) {
      const within = left.filter((other) => other.at >= at && other.at < at + ORDERS.perMs);
      expect(within.length).toBeLessThanOrEqual(ORDERS.calls);
    }
  });

  test('[BIT-26] a call that is under way counts until a whole window after its answer, since nobody knows when it arrived', async () => {
    const { clock, limiter, settled } = world();
    const close = { key: 'a close', calls: 1, perMs: 1_000 };
    const first = await limiter.acquire([close], 'exit', PATIENCE_MS);
    let left = 0;
    void limiter.acquire([close], 'exit', PATIENCE_MS).then(() => {
      left += 1;
    });
    clock.advance(5_000);
    first();
    clock.advance(1_000);
    await settled();
    expect(left).toBe(0);
    clock.advance(20);
    await settled();
    expect(left).toBe(1);
  });

  test('[BIT-27] an exit leaves at once although entries and readings have used all that they may', async () => {
    const { left, ask, settled } = world();
    for (let index = 0; index < 30; index += 1) void ask('entry');
    for (let index = 0; index < 30; index += 1) void ask('read');
    await settled();
    const before = left.length;
    expect(before).toBeLessThan(ORDERS.calls);
    void ask('exit', 'stop');
    await settled();
    expect(left.at(-1)).toEqual({ at: 0, lane: 'exit', name: 'stop' });
    expect(left).toHaveLength(before + 1);
  });

  test('[BIT-27] an exit goes before whatever waits longer, of the same endpoint and of the address', async () => {
    const { clock, left, ask, settled } = world();
    const budgets = [{ ...ORDERS, key: 'a other', calls: 1_000 }, ADDRESS];
    for (let index = 0; index < ADDRESS.calls + 20; index += 1) void ask('read', 'reading', budgets);
    for (let index = 0; index < 50; index += 1) void ask('exit', 'first', budgets);
    await settled();
    expect(left.filter(({ name }) => name === 'first').length).toBeGreaterThanOrEqual(40);
    clock.advance(70_000);
    await settled();
    const order = left.map(({ name }) => name);
    expect(order.lastIndexOf('first')).toBeLessThan(order.lastIndexOf('reading'));
  });

  test('[BIT-26] one account does not use up what is another’s, nor wait for it', async () => {
    const { left, ask, settled } = world();
    for (let index = 0; index < 30; index += 1) void ask('entry', 'a');
    void ask('entry', 'b', [{ ...ORDERS, key: 'b orders' }]);
    await settled();
    expect(left.at(-1)?.name).toBe('b');
  });

  test('[BIT-26] who has waited too long is told when to come back, and holds nobody up', async () => {
    const { clock, limiter, ask, settled } = world();
    for (let index = 0; index < 8; index += 1) void ask('entry');
    await settled();
    const late = limiter.acquire([ORDERS], 'entry', 500);
    const told = expect(late).rejects.toMatchObject({ fault: { kind: 'rate_limited', retryAfterMs: 520 } });
    clock.advance(500);
    await told;
    await settled();
    expect(limiter.waiting).toBe(0);
  });

  test('[BIT-27] of an endpoint of one call a second nothing is kept back, and exits are held up by no pause for long', async () => {
    const { clock, limiter, left, ask, settled } = world();
    const close = { key: 'a close', calls: 1, perMs: 1_000 };
    void ask('read', 'first', [close]);
    await settled();
    limiter.pause(close.key, 300_000);
    void ask('read', 'reading', [close]);
    void ask('exit', 'exit', [close]);
    clock.advance(1_100);
    await settled();
    expect(left.map(({ name }) => name)).toEqual(['first', 'exit']);
    clock.advance(300_000);
    await settled();
    expect(left.map(({ name }) => name)).toEqual(['first', 'exit', 'reading']);
  });
});
