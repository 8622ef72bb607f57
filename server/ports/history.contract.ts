import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dec } from '../../shared/domain/decimal.ts';
import {
  noRows,
  sampleAppend,
  sampleBill,
  sampleEquity,
  sampleFill,
  sampleOrder,
  sampleTrade,
} from '../testing/storedSamples.ts';
import type { DeskLogUnderTest } from './deskLog.contract.ts';
import { InvalidCursor } from './historyCursor.ts';
import type { History, ProjectionRows } from './projections.ts';

export interface HistoryUnderTest extends DeskLogUnderTest {
  history: History;
}

type Kind = keyof ProjectionRows;
const KINDS: Kind[] = ['orders', 'fills', 'trades', 'bills', 'equity'];
const T0 = Date.UTC(2026, 0, 5);

/** What every History does with rows that a DeskLog wrote. */
export function historyContract(name: string, open: () => Promise<HistoryUnderTest>): void {
  describe(`history contract: ${name}`, () => {
    let under: HistoryUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    async function write(deskId: string, ...batches: Partial<ProjectionRows>[]): Promise<void> {
      const lease = await under.leases.acquire(1, 'history', 60_000);
      if (lease === undefined) throw new Error('the lease is taken');
      for (const rows of batches) {
        const head = (await under.log.heads([deskId])).get(deskId) ?? 0;
        const append = sampleAppend(deskId, head, 1, { projections: { ...noRows(), ...rows } });
        expect(await under.log.append(lease, [append])).toEqual({ outcome: 'committed' });
      }
    }

    async function all(deskId: string, kind: Kind, limit: number): Promise<unknown[]> {
      const items: unknown[] = [];
      let cursor: string | null | undefined;
      while (cursor !== null) {
        const page = await under.history[kind](deskId, cursor === undefined ? { limit } : { limit, cursor });
        expect(page.items.length).toBeLessThanOrEqual(limit);
        items.push(...page.items);
        cursor = page.nextCursor;
      }
      return items;
    }

    /** Rows of which several share their time, and some their id in two accounts. */
    function manyRows(): ProjectionRows {
      const rows = noRows();
      for (let index = 0; index < 23; index += 1) {
        const ts = T0 + Math.floor(index / 4);
        const accountId = index % 2 === 0 ? 'a1' : 'a2';
        const id = `id${Math.floor(index / 2)}`;
        rows.orders.push(sampleOrder(`o${index}`, { accountId, createdAt: ts }));
        rows.fills.push(sampleFill(id, { accountId, ts }));
        rows.trades.push(sampleTrade(`t${index}`, { accountId, closedAt: ts }));
        rows.bills.push(sampleBill(id, { accountId, ts }));
        rows.equity.push(sampleEquity(T0 + index, { accountId }));
      }
      return rows;
    }

    test('[LOG-13] pages of any size give every row once, newest first', async () => {
      const rows = manyRows();
      await write('pages', rows);
      for (const kind of KINDS) {
        const whole = await all('pages', kind, 1_000);
        expect(new Set(whole.map((row) => JSON.stringify(row)))).toEqual(
          new Set(rows[kind].map((row) => JSON.stringify(row))),
        );
        const times = whole.map((row) => {
          const { ts, createdAt, closedAt } = row as { ts?: number; createdAt?: number; closedAt?: number };
          return closedAt ?? createdAt ?? ts ?? 0;
        });
        expect(times).toEqual([...times].sort((a, b) => b - a));
        expect(await all('pages', kind, 5)).toEqual(whole);
        expect(await all('pages', kind, 1)).toEqual(whole);
      }
    });

    test('[LOG-14] an order and a trade show their latest state; of fills, bills and equity the first write stays', async () => {
      await write(
        'twice',
        { orders: [sampleOrder('o1'), sampleOrder('o1', { status: 'partially_filled' })] },
        { orders: [sampleOrder('o1', { status: 'filled', filledSize: dec('0.01') })] },
        {
          fills: [sampleFill('f1')],
          bills: [sampleBill('x')],
          trades: [sampleTrade('t')],
          equity: [sampleEquity(T0)],
        },
        {
          fills: [sampleFill('f1', { price: dec('1') })],
          bills: [sampleBill('x', { amount: '7' })],
          trades: [sampleTrade('t', { netPnl: dec('7') })],
          equity: [sampleEquity(T0, { equity: '7' })],
        },
      );
      expect(await all('twice', 'orders', 10)).toEqual([
        sampleOrder('o1', { status: 'filled', filledSize: dec('0.01') }),
      ]);
      expect(await all('twice', 'fills', 10)).toEqual([sampleFill('f1')]);
      expect(await all('twice', 'bills', 10)).toEqual([sampleBill('x')]);
      expect(await all('twice', 'trades', 10)).toEqual([sampleTrade('t', { netPnl: dec('7') })]);
      expect(await all('twice', 'equity', 10)).toEqual([sampleEquity(T0)]);
    });

    test('[LOG-15] no desk sees another’s rows, with equal ids and under any filter or cursor', async () => {
      const mine = manyRows();
      const theirs = manyRows();
      for (const order of theirs.orders) order.slot = 'theirs';
      await write('mine', mine);
      await write('theirs', theirs);
      for (const kind of KINDS) {
        expect(await all('mine', kind, 4)).toHaveLength(23);
        const first = await under.history[kind]('theirs', { limit: 1 });
        const cursor = first.nextCursor ?? '';
        expect((await under.history[kind]('nobody', { limit: 100 })).items).toEqual([]);
        expect((await under.history[kind]('nobody', { limit: 100, cursor })).items).toEqual([]);
        expect((await under.history[kind]('mine', { limit: 100, cursor })).items).toHaveLength(22);
      }
      const orders = await under.history.orders('mine', { limit: 100, botId: 'b1' });
      expect(orders.items.some((order) => order.slot === 'theirs')).toBe(false);
    });

    test('[LOG-16] filters by account, bot, symbol and time (from included, to not)', async () => {
      await write('filters', {
        orders: [
          sampleOrder('o1', { createdAt: T0 }),
          sampleOrder('o2', { createdAt: T0 + 1, botId: null }),
          sampleOrder('o3', { createdAt: T0 + 2, symbol: 'ETHUSDT' }),
          sampleOrder('o4', { createdAt: T0 + 3, accountId: 'a2', botId: 'b2' }),
        ],
        bills: [sampleBill('x', { symbol: null }), sampleBill('y')],
        equity: [sampleEquity(T0)],
      });
      const ids = async (filter: object): Promise<string[]> => {
        const page = await under.history.orders('filters', { limit: 100, ...filter });
        return page.items.map((order) => order.orderId);
      };
      expect(await ids({})).toEqual(['o4', 'o3', 'o2', 'o1']);
      expect(await ids({ accountId: 'a1' })).toEqual(['o3', 'o2', 'o1']);
      expect(await ids({ botId: 'b1' })).toEqual(['o3', 'o1']);
      expect(await ids({ symbol: 'ETHUSDT' })).toEqual(['o3']);
      expect(await ids({ from: T0 + 1, to: T0 + 3 })).toEqual(['o3', 'o2']);
      expect(await ids({ botId: 'b1', symbol: 'BTCUSDT', to: T0 + 1 })).toEqual(['o1']);
      const bills = await under.history.bills('filters', { limit: 100, symbol: 'BTCUSDT' });
      expect(bills.items.map((bill) => bill.billId)).toEqual(['y']);
    });

    test('[LOG-17] a cursor that is none of ours is refused', async () => {
      const notOurs = [
        '',
        'x',
        'bm90IGpzb24',
        Buffer.from('[1,2,3]').toString('base64url'),
        Buffer.from('{}').toString('base64url'),
      ];
      for (const cursor of notOurs) {
        await expect(under.history.fills('pages', { limit: 1, cursor })).rejects.toBeInstanceOf(
          InvalidCursor,
        );
      }
    });

    test('[LOG-35] a cursor is of one query: another op or other filters refuse it, another limit does not', async () => {
      await write('bound', manyRows());
      for (const kind of KINDS) {
        const { nextCursor } = await under.history[kind]('bound', { limit: 1 });
        const cursor = nextCursor ?? '';
        expect((await under.history[kind]('bound', { limit: 2, cursor })).items).toHaveLength(2);
        for (const filter of [{ accountId: 'a1' }, { from: 1 }, { to: T0 * 2 }]) {
          const asked = under.history[kind]('bound', { limit: 1, cursor, ...filter });
          await expect(asked).rejects.toThrow('of another op or of other filters');
        }
        for (const other of KINDS.filter((one) => one !== kind)) {
          const asked = under.history[other]('bound', { limit: 1, cursor });
          await expect(asked).rejects.toBeInstanceOf(InvalidCursor);
        }
      }
    });

    test('[LOG-18] amounts keep every digit', async () => {
      const amount = '-123456789012.000000000000000001';
      await write('digits', {
        bills: [sampleBill('x', { amount })],
        equity: [sampleEquity(T0, { equity: '0' })],
      });
      expect((await under.history.bills('digits', { limit: 1 })).items[0]?.amount).toBe(amount);
      expect((await under.history.equity('digits', { limit: 1 })).items[0]?.equity).toBe('0');
    });
  });
}
