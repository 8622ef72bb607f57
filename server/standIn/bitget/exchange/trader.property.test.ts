import fc from 'fast-check';
import { expect, test } from 'vitest';
import { add, type Decimal, dec, sub, sum, ZERO } from '../../../../shared/domain/decimal.ts';
import { ManualClock } from '../../../testing/venue/manualClock.ts';
import { LIKELY, UNLIKELY } from '../switches.ts';
import { Exchange } from './exchange.ts';
import { keyOf, type Leg } from './legs.ts';
import type { AccountEvent } from './records.ts';
import { Refused } from './refusal.ts';
import type { Trader } from './trader.ts';

const SYMBOL = 'BTCUSDT';
const START = Date.UTC(2026, 0, 5);
const SIZES = ['0.001', '0.01', '0.04', '0.3'];
const PRICES = ['30000', '58000', '59500', '60000', '60500', '62000', '90000'];

const stepArbitrary = fc.record({
  do: fc.constantFrom(
    ...(['market', 'market', 'limit', 'price', 'price', 'time', 'close', 'stop'] as const),
    ...(['cancel', 'cancelStop', 'amend', 'adl'] as const),
  ),
  size: fc.constantFrom(...SIZES),
  price: fc.constantFrom(...PRICES),
  side: fc.constantFrom('buy' as const, 'sell' as const),
  leg: fc.constantFrom<Leg>('long', 'short'),
  isolated: fc.boolean(),
  closes: fc.boolean(),
  attached: fc.option(fc.constantFrom(...PRICES), { nil: null }),
});
type Step = typeof stepArbitrary extends fc.Arbitrary<infer S> ? S : never;

/** To the next funding, in one look at the market. */
function passHours(exchange: Exchange): void {
  exchange.skew(exchange.now() - START + 8 * 3_600_000);
  exchange.tick();
}

/** Does what the step says; whatever the exchange refuses changes nothing. */
function act(step: Step, exchange: Exchange, trader: Trader): void {
  const isHedge = trader.settings.holdMode === 'hedge_mode';
  const leg = isHedge ? step.leg : 'net';
  const place = { symbol: SYMBOL, leg, marginMode: step.isolated ? 'isolated' : 'cross' } as const;
  const closes = isHedge ? (leg === 'long') === (step.side === 'sell') : step.closes;
  const stop = { price: dec(step.attached ?? '1'), by: 'last', limit: null } as const;
  const [order] = [...trader.books.working.values()];
  const [waiting] = trader.books.pendingStrategies();
  const [held] = [...trader.books.positions.values()];
  if (step.do === 'market' || step.do === 'limit') {
    trader.place({
      ...{ ...place, side: step.side, type: step.do, qty: dec(step.size), timeInForce: 'gtc', closes },
      price: step.do === 'limit' ? dec(step.price) : null,
      clientOid: undefined,
      attached: step.attached === null || closes ? null : { stopLoss: stop, takeProfit: null },
    });
  } else if (step.do === 'price') exchange.setPrice(SYMBOL, { last: step.price, depth: step.size });
  else if (step.do === 'time') passHours(exchange);
  else if (step.do === 'cancel' && order !== undefined) trader.cancel(order);
  else if (step.do === 'amend' && order !== undefined) trader.amend(order, { price: dec(step.price) });
  else if (step.do === 'cancelStop' && waiting !== undefined) trader.strategies.cancel(waiting);
  else if (step.do === 'close' && held !== undefined) trader.close(held);
  else if (step.do === 'adl' && held !== undefined) trader.deleverage(held, dec(step.size));
  else if (step.do === 'stop' && held !== undefined) {
    const { symbol, leg: ofLeg, marginMode, direction } = held;
    trader.strategies.place({
      ...{ symbol, leg: ofLeg, marginMode, kind: 'tpsl', mode: 'partial', closes: true, trigger: null },
      qty: dec(step.size),
      side: direction === 'long' ? 'sell' : 'buy',
      takeProfit: null,
      stopLoss: { price: dec(step.price), by: 'last', limit: null },
      clientOid: undefined,
    });
  }
}

/** What must hold of an account whatever was done to it. */
function check(trader: Trader, events: readonly AccountEvent[]): void {
  const { money, fills, bills, positions, openOrders } = trader.now();
  const trueBalance = trader.switches.feeCoin === 'USDT' ? sum(bills.map(({ fee }) => fee)) : ZERO;
  expect(sub(sum(bills.map(({ amount }) => amount)), trueBalance)).toBe(money.balance);
  expect(bills.at(-1)?.balance).toBe(money.balance);
  const sizes = new Map<string, Decimal>();
  for (const fill of fills) {
    const signed = fill.side === 'buy' ? fill.size : sub(ZERO, fill.size);
    sizes.set(keyOf(fill), add(sizes.get(keyOf(fill)) ?? ZERO, signed));
  }
  const open = [...sizes].filter(([, size]) => size !== ZERO);
  expect(
    new Map(
      positions.map((held) => [keyOf(held), held.direction === 'long' ? held.size : sub(ZERO, held.size)]),
    ),
  ).toEqual(new Map(open));
  for (const { leg, direction } of positions) if (leg !== 'net') expect(direction).toBe(leg);
  const heldKeys = new Set(positions.map(keyOf));
  for (const strategy of trader.books.pendingStrategies()) expect(heldKeys).toContain(keyOf(strategy));
  for (const order of openOrders) {
    expect(['live', 'partially_filled']).toContain(order.status);
    if (order.closes) expect(heldKeys).toContain(keyOf(order));
  }
  // Each fill was told, once.
  const told = events.flatMap((event) => (event.kind === 'fill' ? [event.fill.fillId] : []));
  expect(told).toEqual(fills.map(({ fillId }) => fillId));
}

test.each([
  ['one_way_mode', 'v3', LIKELY],
  ['hedge_mode', 'v3', LIKELY],
  ['one_way_mode', 'v2', UNLIKELY],
  ['hedge_mode', 'v2', UNLIKELY],
] as const)(
  '[STAND-15] [STAND-8] whatever is done in %s of %s, the books are right',
  (holdMode, family, switches) => {
    fc.assert(
      fc.property(fc.array(stepArbitrary, { minLength: 1, maxLength: 60, size: 'max' }), (steps) => {
        const clock = new ManualClock(START);
        const exchange = new Exchange({ clock, seed: 'property', switches: { ...switches } });
        const { trader } = exchange.addUser({ apiKey: 'k', family, holdMode, deposit: '5000' });
        exchange.setPrice(SYMBOL, '60000');
        const events: AccountEvent[] = [];
        trader.listen((told) => events.push(...told));
        for (const step of steps) {
          try {
            act(step, exchange, trader);
          } catch (error) {
            if (!(error instanceof Refused)) throw error;
          }
          check(trader, events);
        }
      }),
      { numRuns: 40 },
    );
  },
);
