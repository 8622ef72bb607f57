import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { orderSchema } from '../../shared/domain/order.ts';
import { frameData } from '../../shared/protocol/frames.ts';
import { inEnglish } from '../../shared/words/inEnglish.ts';
import { say } from '../../shared/words/say.ts';
import { systemClock } from '../adapters/clock/systemClock.ts';
import { MemoryDeskLog } from '../adapters/memory/deskLog.ts';
import { MemoryHistory } from '../adapters/memory/history.ts';
import { MemoryShardLeases } from '../adapters/memory/shardLeases.ts';
import { MemoryStore } from '../adapters/memory/store.ts';
import { deserializeDesk, SNAPSHOT_VERSION, serializeDesk } from '../core/fold/snapshot.ts';
import type { StoredEvent } from '../ports/deskLog.ts';
import { noRows } from '../testing/storedSamples.ts';
import { withOlderOrders } from './firstVersion/history.ts';
import { foldEvent, startOfLoad } from './loadDesk.ts';
import { decodeEvent } from './storedEvents.ts';
import { decodeReply } from './storedReplies.ts';
import { toWire } from './toWire.ts';

/** Two desks as a server of version 1 wrote them down: seeds 16 and 20 of the simulation, profile `ideal`, at d2ce9c9. */
const RECORDED = fileURLToPath(new URL('../testing/runtime/logOfFirstVersion.jsonl', import.meta.url));
const recorded = readFileSync(RECORDED, 'utf8')
  .trim()
  .split('\n')
  // Written by encodeEvent of that server.
  .map((line) => JSON.parse(line) as StoredEvent);

/** The entity of an event of version 1 with a change: kinds of data that the recording has only in other words. */
function changed(kind: string, name: string, change: Record<string, unknown>): unknown {
  const event = recorded.find((one) => one.kind === kind && JSON.parse(one.body).data[name] != null);
  if (event === undefined) throw new Error(`nothing of ${kind} is recorded`);
  const { data, ...rest } = JSON.parse(event.body);
  const body = JSON.stringify({ ...rest, data: { ...data, [name]: { ...data[name], ...change } } });
  return (decodeEvent({ ...event, body }).data as Record<string, unknown>)[name];
}

describe('a log of version 2', () => {
  /** A position closed as its longest hold had passed, one closed by hand, one that is open: at aab63f7. */
  const file = fileURLToPath(new URL('../testing/runtime/logOfSecondVersion.jsonl', import.meta.url));
  const events = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StoredEvent);

  test('[RUN-42] is read with why and from when each position is to be closed', () => {
    const loaded = startOfLoad('desk', undefined);
    const closes = new Set<string>();
    for (const stored of events) {
      const event = decodeEvent(stored);
      const frame = toWire(event, 'epoch', stored.ts);
      expect(() => frameData[frame.kind].parse(frame.data), `${stored.seq} ${stored.kind}`).not.toThrow();
      foldEvent(loaded, event, stored.ts, 'epoch');
      if (event.kind === 'PositionChanged')
        closes.add(`${event.data.position.symbol} ${event.data.position.protection.close?.why}`);
    }
    expect([...closes].toSorted()).toEqual(['BTCUSDT time', 'ETHUSDT manual', 'ETHUSDT undefined']);
    const [open] = [...loaded.desk.positions.values()].filter(({ size }) => size !== '0');
    expect(open?.protection.close).toEqual({ why: 'time', at: (open?.openedAt ?? 0) + 3_600_000 });
  });
});

describe('a log of version 3', () => {
  /** Seed 32 of the simulation, profile `ideal`, at fd356c4. */
  const file = fileURLToPath(new URL('../testing/runtime/logOfThirdVersion.jsonl', import.meta.url));
  const events = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StoredEvent);

  test('[RUN-42] [LEDGER-14] is read with a cursor for fills and one for bills, where there was one for both', () => {
    const loaded = startOfLoad('desk1', undefined);
    const cursors: unknown[] = [];
    for (const stored of events) {
      const event = decodeEvent(stored);
      const frame = toWire(event, 'epoch', stored.ts);
      expect(() => frameData[frame.kind].parse(frame.data), `${stored.seq} ${stored.kind}`).not.toThrow();
      foldEvent(loaded, event, stored.ts, 'epoch');
      if (event.kind === 'Reconciled') cursors.push(event.data.cursors);
    }
    const former = events.flatMap(({ kind, body }) =>
      kind === 'Reconciled' ? [JSON.parse(body).data.cursor as number] : [],
    );
    expect(former.length).toBeGreaterThan(1);
    expect(cursors).toEqual(former.map((cursor) => ({ fills: cursor, bills: cursor })));
    const state = serializeDesk(loaded.desk);
    expect(serializeDesk(deserializeDesk(state))).toBe(state);
  });

  test('[RUN-42] a balance that differed is taken to have done so since its event', () => {
    const body = JSON.stringify({ by: {}, cause: 'read', data: { accountId: 'a', gap: '1' } });
    const stored = { deskId: 'd', seq: 1, version: 3, kind: 'BalanceCompared', ts: 77, body };
    expect(decodeEvent(stored).data).toEqual({ accountId: 'a', gap: '1', ts: 77 });
  });
});

describe('a log of version 1', () => {
  test('[RUN-42] is read with nothing lost: what it says in English is told', () => {
    for (const stored of recorded) {
      const frame = toWire(decodeEvent(stored), 'epoch', stored.ts);
      expect(() => frameData[frame.kind].parse(frame.data), `${stored.seq} ${stored.kind}`).not.toThrow();
      const { data } = JSON.parse(stored.body);
      if (frame.kind === 'AlertRaised' && data.alert.code !== 'stop_replace_refused')
        expect(say(inEnglish, 'alert', frame.data.alert)).toBe(data.alert.message);
      if (frame.kind === 'BotNote' && frame.data.bot.note !== null)
        expect(say(inEnglish, 'note', frame.data.bot.note)).toBe(data.bot.note.text);
    }
  });

  test('[RUN-42] gives desks that a snapshot of this version holds', () => {
    for (const deskId of ['desk1', 'desk2']) {
      const events = recorded.filter((stored) => stored.deskId === deskId);
      expect(events.length).toBeGreaterThan(100);
      const loaded = startOfLoad(deskId, undefined);
      for (const stored of events) foldEvent(loaded, decodeEvent(stored), stored.ts, 'epoch');
      expect(loaded.desk.seq).toBe(events.length);
      const state = serializeDesk(loaded.desk);
      expect(serializeDesk(deserializeDesk(state))).toBe(state);
    }
  });

  test('[RUN-42] a snapshot of a former version is passed over, and the log read from its start', () => {
    const snapshot = { deskId: 'ada', seq: 7, state: '{}', view: '{}', version: SNAPSHOT_VERSION - 1 };
    expect(startOfLoad('ada', snapshot)).toMatchObject({ snapshotSeq: 0, desk: { seq: 0 } });
  });

  test.each([
    ['rejected', 'size: below the minimum', { code: 'refused', figures: { as: 'size' } }],
    ['cancelled', 'insufficient_balance', { code: 'ended', figures: { as: 'insufficient_balance' } }],
    ['cancelled', 'position_closed', { code: 'ended', figures: { as: 'position_closed' } }],
    ['submitting', 'it waits for its leverage to be set at the venue', { code: 'awaits_settings' }],
    ['open', 'it has ended at the venue; the fills it reports are awaited', { code: 'awaits_fills' }],
    ['open', 'the venue took it and neither fills it nor gives it up', { code: 'hangs' }],
    ['unknown', 'no answer (request lost)', { code: 'unanswered' }],
    ['abandoned', 'withdrawn before it was sent: its desk stands still', { code: 'desk_stands_still' }],
    ['abandoned', 'it rained', { code: 'told', figures: { text: 'it rained' } }],
  ])('[RUN-42] an order that was %s, “%s”', (status, reason, now) => {
    expect(changed('OrderUpdated', 'order', { status, reason })).toMatchObject({ reason: now });
  });

  test('[RUN-42] latches, breaches, foreign activity and receipts keep what this server goes by', () => {
    const latch = { reason: 'emergency stop by an administrator', since: 1, by: 'admin' };
    expect(changed('AccountChanged', 'account', { latch })).toMatchObject({
      latch: { reason: 'emergency_by_admin', by: 'admin' },
    });
    const found = (detail: string) =>
      changed('AccountChanged', 'account', { foreign: { detail, since: 1 } }) as object;
    expect(found('long 2 ETHUSDT at the venue is not what our fills say')).toMatchObject({
      foreign: { found: { code: 'position', figures: { direction: 'long', size: '2', symbol: 'ETHUSDT' } } },
    });
    expect(found('sell 1.5 ETHUSDT at 1800.5')).toMatchObject({
      foreign: { found: { code: 'fill', figures: { side: 'sell', size: '1.5', price: '1800.5' } } },
    });
    expect(found('ETHUSDT was closed at the venue without a fill we know')).toMatchObject({
      foreign: { found: { code: 'closed', figures: { symbol: 'ETHUSDT' } } },
    });
    const breaches = [
      { limit: 'daily_loss', actual: '-105.5', allowed: '-100', ts: 1, policy: 'flatten' },
      { limit: 'drawdown', actual: '5.25 %', allowed: '5 %', ts: 1, policy: 'hold' },
      { limit: 'stop_outs', actual: '3 in 1440 min', allowed: 'fewer than 3', ts: 1, policy: 'hold' },
    ];
    expect(changed('LimitChanged', 'limits', { breaches })).toMatchObject({
      breaches: [
        { actual: '-105.5', allowed: '-100' },
        { actual: '5.25', allowed: '5' },
        { actual: '3', allowed: '3', windowMs: 86_400_000 },
      ],
    });
    const cancelRefused = { count: 2, reason: 'not_trading: suspended', lastAt: 1 };
    expect(changed('OrderUpdated', 'order', { cancelRefused })).toMatchObject({
      cancelRefused: { count: 2, reason: 'not_trading' },
    });
  });

  test.each([
    ['The venue refused to move the stop of ETHUSDT (too late); it rests where it was.', 'same'],
    ['The venue refused to move the stop of ETHUSDT (too late); the former one still rests.', 'former'],
    ['The venue refused the stop of ETHUSDT (too late); the position has none.', 'none'],
  ])('[RUN-42] a stop that was refused stays known as one: %s', (message, left) => {
    const cause = { code: 'told', figures: { text: 'too late' } };
    expect(changed('AlertRaised', 'alert', { code: 'stop_replace_refused', message })).toMatchObject({
      code: 'stop_replace_refused',
      figures: { symbol: 'ETHUSDT', cause, left },
    });
  });

  test('[RUN-42] orders of the history say why they ended', async () => {
    const [old] = recorded.filter(({ kind }) => kind === 'OrderRejected');
    const order = JSON.parse(old?.body ?? '{}').data.order;
    expect(typeof order.reason).toBe('string');
    const store = new MemoryStore();
    const lease = await new MemoryShardLeases(store, systemClock).acquire(0, 'test', 60_000);
    await new MemoryDeskLog(store).append(lease ?? { shard: 0, token: 0n }, [
      {
        deskId: 'desk1',
        expectedSeq: 0,
        events: [],
        commands: [],
        awake: true,
        projections: { ...noRows(), orders: [order] },
      },
    ]);
    const { items } = await withOlderOrders(new MemoryHistory(store)).orders('desk1', { limit: 10 });
    expect(items.map((item) => orderSchema.parse(item).reason?.code)).toEqual(['refused']);
  });

  test('[RUN-42] answers to commands that were refused then are told now', () => {
    const denial = { limit: 'leverage', actual: '20x', allowed: '5x', message: 'leverage 20x is above 5x' };
    const error = {
      code: 'denied',
      message: denial.message,
      retryable: false,
      details: { denials: [denial] },
    };
    expect(decodeReply(JSON.stringify({ ok: false, error }))).toMatchObject({
      error: { details: { denials: [{ limit: 'told', figures: { text: denial.message } }] } },
    });
    const result = { botIds: [], refusals: { b1: 'no fresh price' } };
    expect(decodeReply(JSON.stringify({ ok: true, result }))).toMatchObject({
      result: { refusals: { b1: { code: 'told', figures: { text: 'no fresh price' } } } },
    });
  });
});
