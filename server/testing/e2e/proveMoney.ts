import { expect } from 'vitest';
import type { Order } from '../../../shared/domain/order.ts';
import { compareWithVenue } from './compareWithVenue.ts';
import type { MoneyDesk, MoneyWorld } from './moneyWorld.ts';
import { agreesWithLog, type StoredDesk } from './storedDesk.ts';

export interface MoneyFigures {
  events: number;
  fills: number;
  orders: number;
  entries: number;
  trades: number;
  /** Market ms, over all positions: as the server reported, and as the venue's journal has it. */
  unprotected: { reported: number; journalled: number; positions: number };
}

/**
 * What must hold once all is quiet, whatever broke meanwhile: nothing was sent twice or unasked, no cause entered twice,
 * the books are the venue's to the last digit, devices have every event once, and every position had its stop or the
 * time without is told.
 */
export async function proveMoney(
  world: MoneyWorld,
  databaseUrl = world.server.databaseUrl,
): Promise<MoneyFigures> {
  const figures: MoneyFigures = {
    ...{ events: 0, fills: 0, orders: 0, entries: 0, trades: 0 },
    unprotected: { reported: 0, journalled: 0, positions: 0 },
  };
  expect(world.journal.hasGap).toBe(false);
  const taken = await world.venue.clientOrderIds();
  expect(new Set(taken).size, '[INV-4] an order id executed twice').toBe(taken.length);
  const known = new Set<string>();
  for (const desk of world.desks) {
    const stored = await agreesWithLog(databaseUrl, desk.trader.userId, desk.device.client);
    expect(desk.received.problem, '[INV-3] a device was told wrongly').toBeUndefined();
    expect(desk.received.isComplete(stored.seq), '[INV-3] a device misses events').toBe(true);
    const differences = await compareWithVenue(stored, desk.trader.userId, world.venue.venue);
    expect(differences, '[INV-9] the books differ').toEqual([]);
    proveEntries(stored, taken, known, figures);
    proveProtected(world, desk, stored, figures);
    for (const account of Object.values(desk.device.view.accounts)) expect(account.foreign).toBeNull();
    figures.events += stored.seq;
    figures.fills += stored.events.filter(({ kind }) => kind === 'FillRecorded').length;
  }
  figures.orders = taken.length;
  expect(
    taken.filter((id) => !known.has(id)),
    '[INV-1] at the venue and not in the log',
  ).toEqual([]);
  return figures;
}

/** One bar or one command enters at most once: what it asked for counts by who asked, why and where. */
function proveEntries(
  stored: StoredDesk,
  taken: readonly string[],
  known: Set<string>,
  figures: MoneyFigures,
): void {
  const atVenue = new Set(taken);
  const byCause = new Map<string, string[]>();
  for (const { kind, cause, data } of stored.events) {
    if (kind !== 'OrderSubmitted') continue;
    const { order } = data;
    known.add(order.orderId);
    if (order.reduceOnly || !atVenue.has(order.orderId)) continue;
    figures.entries += 1;
    const key = [order.accountId, order.symbol, order.botId ?? 'hand', order.slot, cause].join(' ');
    byCause.set(key, [...(byCause.get(key) ?? []), order.orderId]);
  }
  for (const [cause, ids] of byCause) expect(ids, `[INV-4] ${cause} entered twice`).toHaveLength(1);
}

/** Every position of the venue's journal is a trade of the log, which says how long no stop rested: never too little. */
function proveProtected(world: MoneyWorld, desk: MoneyDesk, stored: StoredDesk, figures: MoneyFigures): void {
  const ours = new Set(desk.accounts.map(({ accountId }) => accountId));
  const trades = new Map<string, number>();
  // By hand, without a stop at first: nothing was wanted until it was asked for.
  const unasked = new Set<string>();
  const orders = new Map<string, Order>();
  for (const { kind, data } of stored.events) {
    if (kind === 'OrderSubmitted') orders.set(data.order.orderId, data.order);
    if (kind === 'FillRecorded' && orders.get(data.fill.orderId ?? '')?.attachedStop === null)
      unasked.add([data.fill.accountId, data.fill.symbol, data.fill.ts].join(' '));
    if (kind !== 'PositionChanged' || data.trade === null) continue;
    const { accountId, symbol, openedAt, closedAt, unprotectedMs } = data.trade;
    trades.set([accountId, symbol, openedAt, closedAt].join(' '), unprotectedMs ?? 0);
    figures.trades += 1;
  }
  const positions = world.journal.positions.filter(({ accountId }) => ours.has(accountId));
  expect(trades.size).toBe(positions.length);
  for (const position of positions) {
    const { accountId, symbol, openedAt, closedAt, unprotectedMs } = position;
    const key = [accountId, symbol, openedAt, closedAt].join(' ');
    const reported = trades.get(key);
    expect(reported, `[INV-9] no trade for the position ${key}`).toBeDefined();
    if (unasked.has([accountId, symbol, openedAt].join(' '))) continue;
    expect(
      reported ?? 0,
      `[INV-5] unprotected longer than told: ${key}\n${world.journal.storyOf(position)}`,
    ).toBeGreaterThanOrEqual(unprotectedMs);
    figures.unprotected.reported += reported ?? 0;
    figures.unprotected.journalled += unprotectedMs;
    figures.unprotected.positions += unprotectedMs > 0 ? 1 : 0;
  }
}
