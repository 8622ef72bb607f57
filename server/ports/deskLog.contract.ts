import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noRows, sampleAppend, sampleCommand, sampleEvent, sampleOrder } from '../testing/storedSamples.ts';
import type { DeskLog } from './deskLog.ts';
import type { HeldLease, ShardLeases } from './shardLeases.ts';

export interface DeskLogUnderTest {
  log: DeskLog;
  leases: ShardLeases;
  close(): Promise<void>;
}

/** What every DeskLog does. Each test writes desks and a shard of its own. */
export function deskLogContract(name: string, open: () => Promise<DeskLogUnderTest>): void {
  describe(`desk log contract: ${name}`, () => {
    let under: DeskLogUnderTest;
    let shard = 0;
    let lease: HeldLease;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    async function holdShard(): Promise<{ log: DeskLog; a: string; b: string }> {
      shard += 1;
      const held = await under.leases.acquire(shard, 'me', 60_000);
      if (held === undefined) throw new Error('the lease is taken');
      lease = held;
      return { log: under.log, a: `a${shard}`, b: `b${shard}` };
    }

    test('[LOG-1] keeps its epoch', async () => {
      const epoch = await under.log.epoch();
      expect(epoch.length).toBeGreaterThan(0);
      expect(await under.log.epoch()).toBe(epoch);
      expect(await under.log.restoredAt()).toBeNull();
    });

    test('[LOG-2] an append of several desks is read back as it was written', async () => {
      const { log, a, b } = await holdShard();
      const text = '{"data":"quote \\" backslash \\\\ brace } comma , Ä 漢 \\u0000 NULL"}';
      const events = [sampleEvent(a, 1, { body: text }), sampleEvent(a, 2, { version: 3, kind: 'X' })];
      const outcome = await log.append(lease, [sampleAppend(a, 0, 2, { events }), sampleAppend(b, 0, 1)]);
      expect(outcome).toEqual({ outcome: 'committed' });
      expect(await log.read(a, 0, 10)).toEqual(events);
      expect(await log.read(b, 0, 10)).toEqual([sampleEvent(b, 1)]);
    });

    test('[LOG-3] seq has no gap and no repeat: an append that does not follow the head writes nothing', async () => {
      const { log, a, b } = await holdShard();
      await log.append(lease, [sampleAppend(a, 0, 3)]);
      for (const expectedSeq of [0, 2, 4]) {
        const commands = [sampleCommand(b, `c${expectedSeq}`)];
        const batch = [sampleAppend(b, 0, 1, { commands }), sampleAppend(a, expectedSeq, 1)];
        expect(await log.append(lease, batch)).toEqual({ outcome: 'conflict', deskId: a });
        expect(await log.command(b, `c${expectedSeq}`)).toBeUndefined();
      }
      expect(await log.heads([a, b])).toEqual(new Map([[a, 3]]));
      expect(await log.read(b, 0, 10)).toEqual([]);
    });

    test('[LOG-4] events that do not follow one another are refused', async () => {
      const { log, a, b } = await holdShard();
      const wrong = [
        [sampleAppend(a, 0, 1, { events: [sampleEvent(a, 2)] })],
        [sampleAppend(a, 0, 1, { events: [sampleEvent(b, 1)] })],
        [sampleAppend(a, 0, 1), sampleAppend(a, 1, 1)],
        [sampleAppend(a, 0, 1, { snapshot: { deskId: b, seq: 1, version: 1, state: '{}', view: '{}' } })],
      ];
      for (const batch of wrong) expect(await log.append(lease, batch)).toMatchObject({ outcome: 'failed' });
      expect(await log.heads([a, b])).toEqual(new Map());
    });

    test('[LOG-5] a stale token writes nothing', async () => {
      const { log, a } = await holdShard();
      const stale = lease;
      await log.append(stale, [sampleAppend(a, 0, 1)]);
      await under.leases.release(stale);
      const next = await under.leases.acquire(stale.shard, 'another', 60_000);
      expect(await log.append(stale, [sampleAppend(a, 1, 1)])).toEqual({ outcome: 'lease_lost' });
      expect(await log.heads([a])).toEqual(new Map([[a, 1]]));
      if (next === undefined) throw new Error('the released lease was not free');
      expect(await log.append(next, [sampleAppend(a, 1, 1)])).toEqual({ outcome: 'committed' });
      expect(await log.append({ shard: 999, token: 1n }, [sampleAppend(a, 2, 1)])).toEqual({
        outcome: 'lease_lost',
      });
    });

    test('[LOG-6] a desk is written under one shard only', async () => {
      const { log, a } = await holdShard();
      await log.append(lease, [sampleAppend(a, 0, 1)]);
      await holdShard();
      expect(await log.append(lease, [sampleAppend(a, 1, 1)])).toEqual({ outcome: 'conflict', deskId: a });
      expect(await log.desksOfShard(lease.shard)).toEqual([]);
      expect(await log.desksOfShard(lease.shard - 1)).toEqual([a]);
    });

    test('[LOG-7] the first answer to a command is kept, per user', async () => {
      const { log, a, b } = await holdShard();
      const first = sampleCommand(a, 'c1');
      await log.append(lease, [sampleAppend(a, 0, 1, { commands: [first] })]);
      const again = [sampleAppend(a, 1, 1, { commands: [{ ...first, reply: 'other' }] })];
      expect(await log.append(lease, again)).toEqual({ outcome: 'conflict', deskId: a });
      expect(await log.command(a, 'c1')).toEqual(first);
      expect(await log.command(b, 'c1')).toBeUndefined();
      const others = [sampleAppend(b, 0, 0, { commands: [sampleCommand(b, 'c1')] })];
      expect(await log.append(lease, others)).toEqual({ outcome: 'committed' });
      const twice = [sampleAppend(b, 0, 0, { commands: [sampleCommand(b, 'c2'), sampleCommand(b, 'c2')] })];
      expect(await log.append(lease, twice)).toEqual({ outcome: 'conflict', deskId: b });
      expect(await log.heads([a, b])).toEqual(
        new Map([
          [a, 1],
          [b, 0],
        ]),
      );
    });

    test('[LOG-8] old answers are forgotten, newer ones stay', async () => {
      const { log, a } = await holdShard();
      const commands = [
        sampleCommand(a, 'old'),
        { ...sampleCommand(a, 'new'), createdAt: Date.UTC(2027, 0, 1) },
      ];
      await log.append(lease, [sampleAppend(a, 0, 1, { commands })]);
      expect(await log.pruneCommands?.(Date.UTC(2026, 6, 1))).toBeGreaterThanOrEqual(1);
      expect(await log.command(a, 'old')).toBeUndefined();
      expect(await log.command(a, 'new')).toBeDefined();
    });

    test('[LOG-9] reading pages in order of seq, and one desk never shows another’s events', async () => {
      const { log, a, b } = await holdShard();
      await log.append(lease, [sampleAppend(a, 0, 25), sampleAppend(b, 0, 5)]);
      const seqs: number[] = [];
      for (let page = await log.read(a, 0, 10); page.length > 0; page = await log.read(a, seqs.length, 10)) {
        expect(page.every((event) => event.deskId === a)).toBe(true);
        seqs.push(...page.map((event) => event.seq));
      }
      expect(seqs).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
      expect(await log.read('nobody', 0, 10)).toEqual([]);
    });

    test('[LOG-10] a snapshot is kept with its append, and the newest stays', async () => {
      const { log, a, b } = await holdShard();
      const snapshot = { deskId: a, seq: 2, version: 1, state: '{"s":"\\u0000"}', view: '{"v":2}' };
      await log.append(lease, [sampleAppend(a, 0, 2, { snapshot })]);
      await log.append(lease, [sampleAppend(a, 2, 1, { snapshot: { ...snapshot, seq: 1 } })]);
      expect(await log.snapshot(a)).toEqual(snapshot);
      expect(await log.snapshot(b)).toBeUndefined();
      const newer = { ...snapshot, seq: 3, view: '{"v":3}' };
      await log.append(lease, [sampleAppend(a, 3, 1, { snapshot: newer })]);
      expect(await log.snapshot(a)).toEqual(newer);
    });

    test('[LOG-11] what was written does not change with the objects it came from or was read into', async () => {
      const { log, a } = await holdShard();
      const batch = sampleAppend(a, 0, 1, { commands: [sampleCommand(a, 'c')] });
      batch.projections = { ...noRows(), orders: [sampleOrder('o1')] };
      await log.append(lease, [batch]);
      for (const event of [...batch.events, ...(await log.read(a, 0, 1))]) event.body = 'changed';
      const record = await log.command(a, 'c');
      if (record !== undefined) record.reply = 'changed';
      expect(await log.read(a, 0, 1)).toEqual([sampleEvent(a, 1)]);
      expect(await log.command(a, 'c')).toEqual(sampleCommand(a, 'c'));
    });

    test('[LOG-40] which desks are awake is what their last append says, also one without events', async () => {
      const { log, a, b } = await holdShard();
      await log.append(lease, [sampleAppend(a, 0, 1), sampleAppend(b, 0, 1, { awake: false })]);
      expect(await log.awakeDesks(lease.shard)).toEqual([a]);
      await log.append(lease, [sampleAppend(a, 1, 0, { awake: false }), sampleAppend(b, 1, 1)]);
      expect(await log.awakeDesks(lease.shard)).toEqual([b]);
      // Nothing of an append that is refused is kept.
      await log.append(lease, [sampleAppend(a, 1, 1), sampleAppend(b, 1, 1, { awake: false })]);
      await log.append({ ...lease, token: lease.token + 1n }, [sampleAppend(b, 2, 1, { awake: false })]);
      expect(await log.awakeDesks(lease.shard)).toEqual([b]);
      expect(await log.desksOfShard(lease.shard)).toEqual([a, b]);
    });

    test('[LOG-41] the accounts of a desk are those of the last append that named any, by id', async () => {
      const { log, a, b } = await holdShard();
      const entry = (deskId: string, id: string, name = 'Ä "1"') => ({
        ...{ accountId: `${deskId}-${id}`, name, deskId, venue: 'sim', book: 'simulated' as const },
      });
      const [one, two, other] = [entry(a, '1'), entry(a, '2'), entry(b, '1')];
      const both = [
        sampleAppend(a, 0, 1, { accounts: [two, one] }),
        sampleAppend(b, 0, 1, { accounts: [other] }),
      ];
      await log.append(lease, both);
      await log.append(lease, [sampleAppend(a, 1, 1, { awake: false })]);
      const all = { after: '', limit: 10, asleepAt: null };
      expect(await log.accounts(lease.shard, all)).toEqual([one, two, other]);
      expect(await log.accounts(lease.shard, { ...all, limit: 1 })).toEqual([one]);
      expect(await log.accounts(lease.shard, { ...all, after: one.accountId })).toEqual([two, other]);
      expect(await log.accounts(lease.shard, { ...all, asleepAt: 'sim' })).toEqual([one, two]);
      expect(await log.accounts(lease.shard, { ...all, asleepAt: 'elsewhere' })).toEqual([]);
      expect(await log.accounts(-1, all)).toEqual([]);
      expect(await log.deskOfAccount(two.accountId)).toBe(a);
      await log.append(lease, [sampleAppend(a, 2, 1, { accounts: [entry(a, '2', 'renamed')] })]);
      expect(await log.accounts(lease.shard, all)).toEqual([entry(a, '2', 'renamed'), other]);
      expect(await log.deskOfAccount(one.accountId)).toBeUndefined();
    });

    test('[LOG-42] several desks are read at once as each of them is alone', async () => {
      const { log, a, b } = await holdShard();
      const snapshot = { deskId: b, seq: 4, version: 1, state: '{"s":1}', view: '{"v":1}' };
      await log.append(lease, [sampleAppend(a, 0, 3), sampleAppend(b, 0, 5, { snapshot })]);
      expect(await log.snapshots([a, b, 'nobody'])).toEqual([snapshot]);
      expect(await log.snapshots([])).toEqual([]);
      const wanted = [
        { deskId: a, after: 0 },
        { deskId: b, after: 4 },
        { deskId: 'nobody', after: 0 },
      ];
      expect(await log.readAll(wanted, 2)).toEqual([sampleEvent(a, 1), sampleEvent(a, 2), sampleEvent(b, 5)]);
      expect(await log.readAll([], 2)).toEqual([]);
    });

    test('[LOG-12] all heads are known', async () => {
      const { log, a, b } = await holdShard();
      await log.append(lease, [sampleAppend(a, 0, 2), sampleAppend(b, 0, 1)]);
      const heads = await log.heads();
      expect(heads.get(a)).toBe(2);
      expect(heads.get(b)).toBe(1);
      expect(await log.heads([])).toEqual(new Map());
    });
  });
}
