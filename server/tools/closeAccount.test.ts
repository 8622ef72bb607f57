import { expect, it } from 'vitest';
import type { PanicStep } from '../adapters/files/panicJournal.ts';
import { SIMULATED_INSTRUMENTS } from '../adapters/simulated/prices/instruments.ts';
import type { ProfileName } from '../adapters/simulated/profiles.ts';
import type { Clock } from '../ports/clock.ts';
import type { PlaceOrder, Venue, VenueAnswer } from '../ports/venue.ts';
import { insteadOf } from '../testing/insteadOf.ts';
import { accepted, d, order, venueWorld } from '../testing/venue/venueWorld.ts';
import { closeAccount, GIVE_UP_AFTER_MS } from './lib/closeAccount.ts';

const PROFILES: ProfileName[] = ['ideal', 'v2-like', 'v3-like', 'loose'];
const instruments = new Map(SIMULATED_INSTRUMENTS.map((one) => [one.symbol, one]));

/** Time that passes as fast as anybody waits for it. */
function quickClock(): Clock {
  let now = 0;
  return {
    now: () => now,
    elapsed: () => now,
    after: (delayMs, run) => {
      now += delayMs;
      setImmediate(run);
      return () => {};
    },
    soon: (run) => void setImmediate(run),
  };
}

/** Long 1 BTC under a stop, a resting entry, a resting exit. */
async function exposed(profile: ProfileName) {
  const world = await venueWorld({ profile });
  const { venue } = world;
  const account = { accountId: 'a' };
  await venue.configureSymbol(account, 'BTCUSDT', 10, 'isolated');
  accepted(await venue.placeOrder(order('a', { side: 'buy', size: d(1) })));
  const [position] = (await venue.readAccount(account)).positions;
  const price = Number(position?.cost) / Number(position?.size);
  const at = (factor: number) => d((price * factor).toFixed(1));
  accepted(
    await venue.placeOrder(
      order('a', { side: 'sell', size: d(1), triggerPrice: at(0.97), reduceOnly: true }),
    ),
  );
  await venue.placeOrder(order('a', { side: 'sell', size: d(0.5), price: at(1.02), reduceOnly: true }));
  accepted(await venue.placeOrder(order('a', { side: 'buy', size: d(0.1), price: at(0.99) })));
  return { world, venue, account };
}

/** The same venue, with `spoil` asked about each close first. */
function spoiled(venue: Venue, spoil: (place: PlaceOrder) => Promise<VenueAnswer> | undefined): Venue {
  return insteadOf(venue, { placeOrder: (place) => spoil(place) ?? venue.placeOrder(place) });
}

function run(venue: Venue) {
  const steps: PanicStep[] = [];
  const write = (step: PanicStep) => void steps.push(step);
  const said: string[] = [];
  const options = { venue, accountId: 'a', panicId: 'p1', instruments, clock: quickClock(), write };
  return { steps, said, result: closeAccount({ ...options, say: (text) => void said.push(text) }) };
}

it.each(PROFILES)(
  '[PANIC-4] [R10] [N4] (%s) entries go first, then exits, then positions under their stops, and the venue says flat',
  async (profile) => {
    const { venue, account, world } = await exposed(profile);
    const { steps, result } = run(venue);
    expect(await result).toMatchObject({ flat: true, residual: [] });
    const after = await venue.readAccount(account);
    expect(after.positions.filter(({ size }) => size !== d(0))).toEqual([]);
    expect(after.orders).toEqual([]);
    const kinds = steps.map(({ step }) => step).filter((step) => step !== 'answer');
    const firstClose = kinds.indexOf('close');
    expect(firstClose).toBeGreaterThan(0);
    expect(kinds.slice(0, firstClose).every((kind) => kind === 'cancel')).toBe(true);
    expect(kinds.at(-1)).toBe('finished');
    const [closed] = (await result).closed;
    expect(closed).toMatchObject({ symbol: 'BTCUSDT', size: d(1) });
    for (const step of steps) {
      if (step.step === 'close') expect(step.clientOrderId).toMatch(/^panic[0-9a-f]{27}$/);
    }
    await world.stop();
  },
);

it.each(PROFILES)(
  '[PANIC-5] [R19] [INV-4] (%s) refused, lost and partly filled closes are tried again, each under an id of its own, never more than is open',
  async (profile) => {
    const { venue, account, world } = await exposed(profile);
    const ids: string[] = [];
    let n = 0;
    const faulty = spoiled(venue, (place) => {
      ids.push(place.clientOrderId);
      n += 1;
      if (n === 1)
        return Promise.resolve({ outcome: 'rejected', code: 'rate_limited', message: 'slow down' });
      if (n === 2) return Promise.resolve({ outcome: 'unknown', message: 'lost on the way there' });
      if (n === 3) return venue.placeOrder({ ...place, size: d(0.25) });
      // Executed, and the answer is lost.
      if (n === 4) {
        return venue.placeOrder(place).then(() => ({ outcome: 'unknown', message: 'lost on the way back' }));
      }
      return undefined;
    });
    const { result } = run(faulty);
    expect(await result).toMatchObject({ flat: true, closed: [{ size: d(1) }] });
    expect(new Set(ids).size).toBe(4);
    const fills = await venue.fillsSince(account, 0);
    const sold = fills.filter(({ side }) => side === 'sell').reduce((sum, { size }) => sum + Number(size), 0);
    expect(sold).toBe(1);
    await world.stop();
  },
);

it('[PANIC-5] [INV-7] what the venue refuses for good is named with its reason, and never called flat', async () => {
  const { venue, world } = await exposed('ideal');
  const refuse = async (): Promise<VenueAnswer> => ({
    outcome: 'rejected',
    code: 'not_trading',
    message: 'BTCUSDT is suspended',
  });
  const { result, steps } = run(spoiled(venue, refuse));
  const { flat, residual } = await result;
  expect(flat).toBe(false);
  expect(residual.join()).toContain('long 1 BTCUSDT (not_trading: BTCUSDT is suspended)');
  // Its stop still guards it.
  expect(residual.some((line) => line.includes('stop_market'))).toBe(true);
  expect(steps.at(-1)).toMatchObject({ step: 'finished', flat: false });
  expect(GIVE_UP_AFTER_MS).toBe(60_000);
  await world.stop();
});

it('[PANIC-5] a venue that cannot be read at all is not flat', async () => {
  const { venue, world } = await exposed('ideal');
  const dead = insteadOf(venue, { readAccount: () => Promise.reject(new Error('no answer')) });
  const { result } = run(dead);
  expect(await result).toMatchObject({ flat: false, residual: ['the venue cannot be read: no answer'] });
  await world.stop();
});
