import { describe, expect, test } from 'vitest';
import type { Instrument } from '../../../../shared/domain/instrument.ts';
import { VenueUnavailable } from '../../../ports/venue.ts';
import { accepted, d, order, type VenueWorldOptions, venueWorld } from '../../../testing/venue/venueWorld.ts';

const [a, b] = [{ accountId: 'a' }, { accountId: 'b' }];
const SYMBOL = 'BTCUSDT';
const buy = (accountId = 'a') => order(accountId, { side: 'buy', size: d('1') });
const stop = (price: string, fields = {}) =>
  order('a', { side: 'sell', size: d('1'), triggerPrice: d(price), reduceOnly: true, ...fields });

/** Two accounts watched, and what the feed's listener was told of instruments. */
async function world(options: VenueWorldOptions = {}) {
  const made = await venueWorld({ accounts: ['a', 'b'], ...options });
  const told: Instrument[][] = [];
  await made.feed.start({
    onQuote: () => {},
    onBar: () => {},
    onGap: () => {},
    onInstruments: (instruments) => told.push(instruments),
  });
  const listed = (): Instrument | undefined => told.at(-1)?.find(({ symbol }) => symbol === SYMBOL);
  const fillsOf = (accountId: string) =>
    made.pushes.flatMap((push) => (push.type === 'fill' && push.accountId === accountId ? [push.fill] : []));
  return { ...made, told, listed, fillsOf };
}

describe('what the exchange does of its own accord', () => {
  test('[SIM-73] it deleverages a position, wholly or in part: pushed like any fill, to its account alone', async () => {
    const { venue, control, fillsOf } = await world();
    accepted(await venue.placeOrder(buy('a')));
    accepted(await venue.placeOrder(buy('b')));
    await control.deleverage(a, SYMBOL, d('0.4'));
    expect(fillsOf('a').at(-1)).toMatchObject({ side: 'sell', size: '0.4', source: 'adl' });
    expect((await venue.readAccount(a)).positions).toMatchObject([{ size: '0.6' }]);
    await control.deleverage(a, SYMBOL, null);
    expect((await venue.readAccount(a)).positions).toEqual([]);
    expect(await venue.fillsSince(a, 0)).toEqual(fillsOf('a'));
    expect(fillsOf('b')).toHaveLength(1);
    expect((await venue.readAccount(b)).positions).toMatchObject([{ size: '1' }]);
  });

  test('[SIM-73] what cannot be done is refused and changes nothing', async () => {
    const { venue, control, told } = await world();
    accepted(await venue.placeOrder(buy()));
    for (const asked of [
      control.deleverage(b, SYMBOL, d('1')),
      control.deleverage({ accountId: 'nobody' }, SYMBOL, d('1')),
      control.deleverage(a, SYMBOL, d('0')),
      control.changeInstrument('NOSUCH', { tickSize: d('1') }),
      control.changeInstrument(SYMBOL, { tickSize: d('0') }),
      control.endInstrument('NOSUCH'),
    ]) {
      await expect(asked).rejects.toThrow(VenueUnavailable);
    }
    expect(told).toEqual([]);
    expect((await venue.readAccount(a)).positions).toMatchObject([{ size: '1' }]);
  });

  test('[SIM-74] [SIM-71] it changes tick, step and minima: the feed is told, new orders follow them, what rests stays', async () => {
    const { venue, control, feed, listed } = await world();
    accepted(await venue.placeOrder(buy()));
    const resting = accepted(await venue.placeOrder(stop('90.5')));
    await control.changeInstrument(SYMBOL, { tickSize: d('5'), sizeStep: d('0.5'), minNotional: d('300') });
    expect(listed()).toMatchObject({ tickSize: '5', sizeStep: '0.5', minNotional: '300' });
    expect((await feed.instruments()).find(({ symbol }) => symbol === SYMBOL)).toEqual(listed());
    expect((await venue.readAccount(a)).orders).toMatchObject([
      { venueOrderId: resting, triggerPrice: '90.5' },
    ]);
    expect(await venue.placeOrder(stop('90.5'))).toMatchObject({ code: 'tick' });
    expect(accepted(await venue.placeOrder(stop('85')))).toBeTruthy();
    expect(await venue.placeOrder(order('a', { side: 'buy', size: d('0.7') }))).toMatchObject({
      code: 'step',
    });
    expect(await venue.placeOrder(order('a', { side: 'buy', size: d('0.5') }))).toMatchObject({
      code: 'min_notional',
    });
  });

  test('[SIM-74] [SIM-12] a higher maintenance rate liquidates by the mark whoever no longer has the margin, with the next step', async () => {
    const { venue, control, feed, fillsOf } = await world();
    await venue.configureSymbol(a, SYMBOL, 50, 'isolated');
    accepted(await venue.placeOrder(buy('a')));
    accepted(await venue.placeOrder(buy('b')));
    await feed.advance(1);
    expect(fillsOf('a')).toHaveLength(1);
    await control.changeInstrument(SYMBOL, { maintenanceMarginRate: d('0.03') });
    await feed.advance(1);
    expect(fillsOf('a').at(-1)).toMatchObject({ source: 'liquidation', size: '1' });
    // Who has the margin keeps the position.
    expect((await venue.readAccount(b)).positions).toMatchObject([{ size: '1' }]);
  });

  test('[SIM-75] [SIM-70] a symbol that takes no entries any more loses those that rest and keeps what protects; ended, it is settled and unknown', async () => {
    const { venue, control, feed, listed, told, fillsOf } = await world();
    accepted(await venue.placeOrder(buy()));
    accepted(await venue.placeOrder(stop('90')));
    accepted(await venue.placeOrder(order('b', { side: 'buy', size: d('1'), price: d('99') })));
    await control.changeInstrument(SYMBOL, { status: 'close_only' });
    expect(listed()).toMatchObject({ status: 'close_only' });
    expect((await venue.readAccount(a)).orders).toMatchObject([{ type: 'stop_market' }]);
    expect((await venue.readAccount(b)).orders).toEqual([]);
    expect(await venue.placeOrder(buy())).toMatchObject({ code: 'not_trading' });

    await control.endInstrument(SYMBOL);
    expect(fillsOf('a').at(-1)).toMatchObject({ size: '1', source: 'settlement' });
    expect(await venue.readAccount(a)).toMatchObject({ positions: [], orders: [] });
    expect(listed()).toBeUndefined();
    expect(told.at(-1)?.length).toBeGreaterThan(0);
    expect(await venue.placeOrder(buy())).toMatchObject({ outcome: 'rejected', code: 'other' });
    await feed.advance(3);
    accepted(await venue.placeOrder(order('a', { side: 'buy', size: d('1'), symbol: 'ETHUSDT' })));
  });

  test('[SIM-75] a symbol that is suspended takes nothing at all, and everything again afterwards', async () => {
    const { venue, control } = await world();
    accepted(await venue.placeOrder(buy()));
    await control.changeInstrument(SYMBOL, { status: 'halted' });
    const exit = () => order('a', { side: 'sell', size: d('1'), reduceOnly: true });
    expect(await venue.placeOrder(exit())).toMatchObject({ code: 'not_trading' });
    await control.changeInstrument(SYMBOL, { status: 'trading' });
    accepted(await venue.placeOrder(exit()));
  });
});
