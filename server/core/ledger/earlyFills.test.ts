import { describe, expect, it } from 'vitest';
import { type Decimal, dec, div } from '../../../shared/domain/decimal.ts';
import type { Order } from '../../../shared/domain/order.ts';
import { enter } from '../../testing/core/samples.ts';
import { APART_MS, Scenario } from '../../testing/core/scenario.ts';

/** A bot whose entry is on its way. */
function entering(): { s: Scenario; botId: string; entry: Order } {
  const s = new Scenario();
  const botId = s.runningBot();
  s.bar([enter('long')]);
  return { s, botId, entry: s.order('entry') };
}

/** The venue fills it and says neither whose it is nor, yet, by which name it knows the order. */
function fillNameless(s: Scenario, order: Order, size: Decimal = order.size): string {
  const { venueOrderId } = s.venue.place(order);
  s.venue.trade(venueOrderId, size, dec('20000'), { clientOrderId: null });
  s.deliver((push) => push.type === 'fill');
  return venueOrderId;
}

const answer = (s: Scenario, { orderId }: Order, venueOrderId: string): void =>
  void s.give({
    ...{ type: 'OrderAnswered', orderId, action: 'place' },
    answer: { outcome: 'accepted', venueOrderId },
  });

describe('a fill that comes before the answer of its order, without our id', () => {
  it('[REC-13] [INV-9] waits for the answer, then is the bot’s, with its stop', () => {
    const { s, botId, entry } = entering();
    const venueOrderId = fillNameless(s, entry);
    expect(s.isFlat).toBe(true);
    expect(s.state().account.foreign).toBeNull();
    answer(s, s.takeSent(entry), venueOrderId);
    expect(s.position()).toMatchObject({ botId, size: entry.size });
    expect(s.position().stop?.state).toBe('attached');
    expect(s.told('FillRecorded').map(({ fill }) => fill.orderId)).toEqual([entry.orderId]);
    expect(s.state().account.foreign).toBeNull();
    expect(s.state().held.size).toBe(0);
  });

  it('[REC-13] [LEDGER-7] read and pushed again meanwhile it counts once, and what readings show is not taken for another’s', () => {
    const { s, botId, entry } = entering();
    const venueOrderId = fillNameless(s, entry);
    s.readLater();
    s.readLater();
    expect(s.isFlat).toBe(true);
    expect(s.state().account.foreign).toBeNull();
    answer(s, s.takeSent(entry), venueOrderId);
    s.readLater();
    expect(s.told('FillRecorded')).toHaveLength(1);
    expect(s.position()).toMatchObject({ botId, size: entry.size });
    expect(s.state().account.balances.USDT).toBe(s.venue.balance);
  });

  it('[REC-13] [INV-9] what comes behind it is booked behind it, whatever it names', () => {
    const { s, entry } = entering();
    const half = div(entry.size, dec('2'));
    const { venueOrderId } = s.venue.place(entry);
    s.venue.trade(venueOrderId, half, dec('20000'), { clientOrderId: null });
    const elsewhere = {
      symbol: 'BTCUSDT',
      side: 'sell',
      venueOrderId: 'v',
      clientOrderId: 'by somebody',
    } as const;
    s.venue.execute(elsewhere, dec('0.001'), dec('20100'));
    s.deliver((push) => push.type === 'fill');
    expect(s.isFlat).toBe(true);
    answer(s, s.takeSent(entry), venueOrderId);
    expect(s.told('FillRecorded').map(({ fill }) => fill.fillId)).toEqual(
      s.venue.fills.map(({ fillId }) => fillId),
    );
    expect(s.position().cost).toBe(s.venue.positions.get('BTCUSDT')?.cost);
    expect(s.told('AlertRaised').map(({ alert }) => alert.code)).not.toContain('ledger_mismatch');
  });

  it('[REC-13] told again with our id it is booked at once', () => {
    const { s, botId, entry } = entering();
    fillNameless(s, entry);
    const [fill] = s.venue.fills;
    if (fill === undefined) throw new Error('nothing was filled');
    const named = { ...fill, clientOrderId: entry.orderId };
    s.give({ type: 'VenueFillSeen', accountId: s.accountId, fill: named, ingestedAt: s.wallTime });
    expect(s.position()).toMatchObject({ botId, size: entry.size });
    expect(s.told('FillRecorded')).toHaveLength(1);
  });

  it('[REC-13] [REC-1] it is foreign once the order that it might be of has another name', () => {
    const { s, entry } = entering();
    const { venueOrderId } = s.venue.place(entry);
    const elsewhere = {
      symbol: 'BTCUSDT',
      side: 'buy',
      venueOrderId: 'elsewhere',
      clientOrderId: null,
    } as const;
    s.venue.execute(elsewhere, dec('0.01'), dec('20000'));
    s.deliver((push) => push.type === 'fill');
    expect(s.state().account.foreign).toBeNull();
    answer(s, s.takeSent(entry), venueOrderId);
    expect(s.state().account.foreign).not.toBeNull();
  });

  it('[REC-13] [REC-1] on the other side, of another symbol, or with an id of somebody else it is foreign at once', () => {
    const other = [
      { symbol: 'BTCUSDT', side: 'sell', clientOrderId: null },
      { symbol: 'ETHUSDT', side: 'buy', clientOrderId: null },
      { symbol: 'BTCUSDT', side: 'buy', clientOrderId: 'of somebody' },
    ] as const;
    for (const order of other) {
      const { s } = entering();
      s.venue.execute({ ...order, venueOrderId: 'elsewhere' }, dec('0.01'), dec('2000'));
      s.deliver();
      expect(s.state().account.foreign).not.toBeNull();
    }
  });

  it('[REC-13] a close of ours that has no answer yet is thought of before a stop that is gone', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    const close = s.order('close');
    const stop = s.order('stop');
    const venueOrderId = fillNameless(s, close);
    s.venue.end(stop.venueOrderId ?? '', 'cancelled', 'position_closed');
    s.readLater();
    answer(s, s.takeSent(close), venueOrderId);
    expect(s.isFlat).toBe(true);
    expect(s.told('FillRecorded').at(-1)?.fill).toMatchObject({ orderId: close.orderId, botId });
    expect(s.desk.orders.get(stop.orderId)?.filledSize).toBe('0');
  });

  it('[REC-13] [LEDGER-11] what waits is in the venue’s balance, and no difference to it', () => {
    const { s, entry } = entering();
    const venueOrderId = fillNameless(s, entry);
    const back = { symbol: 'BTCUSDT', side: 'sell', venueOrderId: 'v', clientOrderId: null } as const;
    s.venue.execute(back, entry.size, dec('20100'));
    s.deliver((push) => push.type === 'fill');
    expect(s.state().held.size).toBeGreaterThan(1);
    for (let reading = 0; reading < 3; reading += 1) {
      s.advance(APART_MS);
      s.read();
    }
    expect(s.told('AlertRaised').map(({ alert }) => alert.code)).not.toContain('ledger_mismatch');
    answer(s, s.takeSent(entry), venueOrderId);
    s.readLater();
    expect(s.state().account.balances.USDT).toBe(s.venue.balance);
  });

  it('[REC-13] a part that names its order names those that wait before it', () => {
    const { s, botId, entry } = entering();
    const half = div(entry.size, dec('2'));
    const { venueOrderId } = s.venue.place(entry);
    s.venue.trade(venueOrderId, half, dec('20000'), { clientOrderId: null });
    s.venue.trade(venueOrderId, half, dec('20000'));
    s.deliver((push) => push.type === 'fill');
    s.reject(entry, 'other');
    expect(s.told('FillRecorded').map(({ fill }) => fill.botId)).toEqual([botId, botId]);
    expect(s.state().account.foreign).toBeNull();
  });

  it('[REC-13] while nobody served it waits on: the answer is asked for first', () => {
    const { s, botId, entry } = entering();
    fillNameless(s, entry);
    s.advance(600_000);
    s.give({ type: 'Recovered', downMs: 600_000, latch: null });
    s.tick();
    expect(s.told('FillRecorded')).toEqual([]);
    s.findAll();
    expect(s.told('FillRecorded').map(({ fill }) => fill.orderId)).toEqual([entry.orderId]);
    expect(s.position()).toMatchObject({ botId, size: entry.size });
  });

  it('[REC-13] what waits has an end: after two minutes it is booked as what it looks like', () => {
    const { s, entry } = entering();
    fillNameless(s, entry);
    s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'away' });
    s.tick(119_000);
    expect(s.isFlat).toBe(true);
    s.tick(1_000);
    expect(s.position()).toMatchObject({ foreign: true, size: entry.size });
    expect(s.state().account.foreign).not.toBeNull();
  });
});
