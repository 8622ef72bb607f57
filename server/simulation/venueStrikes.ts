import { dec, mul, roundToStep } from '../../shared/domain/decimal.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import type { VenuePosition } from '../ports/venue.ts';
import { SYMBOLS } from './market.ts';
import type { World } from './world.ts';

interface Held {
  accountId: string;
  position: VenuePosition;
}

function heldAtRandom(world: World, fits: (position: VenuePosition) => boolean): Held | undefined {
  const held: Held[] = [];
  for (const accountId of world.venue.books.keys()) {
    for (const position of world.venue.read(accountId).positions)
      if (fits(position)) held.push({ accountId, position });
  }
  return held.length === 0 ? undefined : world.random.pick(held);
}

/** How far a jump may go, as a fraction of the price. */
const MAX_JUMP = 0.4;

/** The price jumps over a position's stop to where the venue liquidates it. */
export function jumpPrice(world: World): boolean {
  const { market, random } = world;
  const target = heldAtRandom(world, ({ symbol, liquidationPrice }) => {
    if (liquidationPrice === null) return false;
    const mark = Number(market.quote(symbol).mark);
    return Math.abs(Number(liquidationPrice) - mark) < mark * MAX_JUMP;
  });
  if (target === undefined) return false;
  const { symbol, direction, liquidationPrice } = target.position;
  const beyond = 1 + random.between(2, 10) / 1_000;
  const price = Number(liquidationPrice) * (direction === 'long' ? 1 / beyond : beyond);
  return market.jump(symbol, price);
}

export function deleverage(world: World): boolean {
  const target = heldAtRandom(world, () => true);
  if (target === undefined) return false;
  const { accountId, position } = target;
  const step = world.market.instrument(position.symbol)?.sizeStep ?? dec('1');
  const share = dec(world.random.pick(['0.3', '0.6', '1']));
  world.venue.deleverage(accountId, position.symbol, roundToStep(mul(position.size, share), step, 'up'));
  return true;
}

/** Another program with the same keys, or a person at the venue, sets the leverage of a symbol with a position. */
export function changeLeverage(world: World): boolean {
  const target = heldAtRandom(world, () => true);
  if (target === undefined) return false;
  const { accountId, position } = target;
  const leverage = world.random.pick([3, 10, 25, 50, 75]);
  const answer = world.venue.configure(accountId, position.symbol, leverage, position.marginMode);
  return answer.outcome === 'accepted' && leverage !== position.leverage;
}

/** A symbol goes: first no entries, then nothing at all and what is open is settled; later it comes back. */
export function delist(world: World): boolean {
  const { market, random, venue } = world;
  // Mostly one in which somebody holds something.
  const held = random.chance(0.8) ? heldAtRandom(world, () => true) : undefined;
  const symbol = held?.position.symbol ?? random.pick(SYMBOLS);
  if (market.instrument(symbol)?.status !== 'trading') return false;
  const [warningMs, goneMs] = [random.between(0, 10_000), random.between(2_000, 20_000)];
  market.change(symbol, { status: 'close_only' });
  venue.delist(symbol, false);
  world.after(warningMs, () => {
    market.change(symbol, { status: 'halted' });
    venue.delist(symbol, true);
    world.after(goneMs, () => market.change(symbol, {}));
  });
  return true;
}

/** Rules of a symbol change while orders rest and positions are open; another change brings others, or the first back. */
export function changeInstrument(world: World): boolean {
  const { market, random } = world;
  const symbol = random.pick(SYMBOLS);
  const now = market.instrument(symbol);
  if (now === undefined || now.status !== 'trading') return false;
  market.change(symbol, {});
  const first = market.instrument(symbol) ?? now;
  const times = (value: Instrument['tickSize'], factors: readonly number[]) =>
    mul(value, dec(String(random.pick(factors))));
  market.change(symbol, {
    tickSize: times(first.tickSize, [1, 2, 10]),
    sizeStep: times(first.sizeStep, [1, 2, 10]),
    minSize: times(first.minSize, [1, 10, 20]),
    minNotional: times(first.minNotional, [1, 4]),
    maintenanceMarginRate: times(first.maintenanceMarginRate, [1, 1, 3]),
  });
  return true;
}

/** Money goes out or comes in beside us. */
export function transfer(world: World): boolean {
  const { random, venue } = world;
  const accountIds = [...venue.books.keys()];
  if (accountIds.length === 0) return false;
  const accountId = random.pick(accountIds);
  const balance = Number(venue.books.get(accountId)?.account.state.balance ?? 0);
  const amount = random.between(-Math.floor(Math.max(balance, 0) / 20), 500);
  if (amount === 0) return false;
  venue.transfer(accountId, dec(String(amount)));
  return true;
}

/** What the market's clock shows is off for a while, either way, and comes back. */
export function jumpMarketClock(world: World): boolean {
  const { random } = world;
  const byMs = random.between(1, 120_000) * random.pick([-1, 1]);
  world.marketOffsetMs += byMs;
  world.after(random.between(500, 15_000), () => {
    world.marketOffsetMs -= byMs;
  });
  return true;
}

/**
 * Another program with the same keys leaves a stop beside ours: on either side, now and then at the very price of ours,
 * and one that could open a position far from the market.
 */
export function foreignStop(world: World): boolean {
  const { market, random, venue } = world;
  const target = heldAtRandom(world, () => true);
  const instrument = target === undefined ? undefined : market.instrument(target.position.symbol);
  if (target === undefined || instrument === undefined) return false;
  const { accountId, position } = target;
  const { symbol, size } = position;
  const books = venue.books.get(accountId)?.account.state;
  const side = random.pick(['buy', 'sell'] as const);
  const reduceOnly = random.chance(0.8);
  const percent = (reduceOnly ? random.pick([0.3, 1, 3]) : 30) * (side === 'sell' ? -1 : 1);
  const away = mul(market.quote(symbol).mark, dec(String((100 + percent) / 100)));
  const ours = books?.orders.find((order) => order.symbol === symbol && order.type === 'stop_market');
  const isBeside = reduceOnly && random.chance(0.4);
  world.history.lastForeignAt.set(accountId, world.now);
  const answer = venue.place(
    {
      account: { accountId },
      clientOrderId: `foreign${books?.nextId ?? 0}`,
      symbol,
      side,
      type: 'stop_market',
      size,
      price: null,
      triggerPrice:
        isBeside && ours?.triggerPrice != null
          ? ours.triggerPrice
          : roundToStep(away, instrument.tickSize, 'nearest'),
      triggerBy: 'mark',
      timeInForce: 'gtc',
      reduceOnly,
      attachedStop: null,
      notAfter: null,
    },
    'keep',
  );
  return answer.outcome === 'accepted';
}
