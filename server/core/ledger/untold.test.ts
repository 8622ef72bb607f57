import { describe, expect, it } from 'vitest';
import { add, type Decimal, dec, mul, ZERO } from '../../../shared/domain/decimal.ts';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

const balance = (s: Scenario): Decimal => s.state().account.balances.USDT ?? ZERO;

/** A bot whose position is open, its stop resting. */
function holding(): { s: Scenario; botId: string; stopId: string; size: Decimal } {
  const s = new Scenario();
  const botId = s.tradingBot();
  return { s, botId, stopId: String(s.order('stop').venueOrderId), size: s.position().size };
}

describe('what a venue does not tell of a fill, or reckons otherwise', () => {
  it('[LEDGER-18] a fee in another coin leaves the balance, the results and the fees of the order as they are', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    const entry = s.order('entry');
    const before = balance(s);
    s.venue.trade(s.accept(entry), entry.size, dec('20000'), { feeCoin: 'BGB', fee: dec('0.7') });
    s.deliver();
    s.readLater();
    expect(balance(s)).toBe(before);
    expect(s.position().fees).toBe('0');
    expect(s.order('entry').feePaid).toBe('0');
    expect(s.told('FillRecorded').at(-1)?.fill).toMatchObject({
      fee: '0',
      otherFee: { coin: 'BGB', amount: '0.7' },
    });
    expect(s.alert('ledger_mismatch')).toBe(false);
  });

  it('[LEDGER-19] what was realised follows from the fills, whether the venue tells it, and whatever its last digits are', () => {
    for (const theirs of [null, '-0.000001', '0.000001'] as const) {
      const { s, stopId, size } = holding();
      const { cost } = s.position();
      const exact = add(mul(dec('19600'), size), mul(dec('-1'), cost));
      const realisedPnl = theirs === null ? null : add(exact, dec(theirs));
      s.venue.trade(stopId, size, dec('19600'), { source: 'stop', realisedPnl });
      s.deliver();
      s.readLater();
      expect(s.told('FillRecorded').at(-1)?.fill.realisedPnl).toBe(exact);
      expect(balance(s)).toBe(s.venue.balance);
      expect(s.alert('ledger_mismatch')).toBe(false);
    }
  });

  it('[LEDGER-19] another result altogether is told', () => {
    const { s, stopId, size } = holding();
    s.venue.trade(stopId, size, dec('19600'), { source: 'stop', realisedPnl: dec('-1') });
    s.deliver();
    expect(s.alert('ledger_mismatch')).toBe(true);
  });

  it('[REC-14] of a fill that does not say why it traded its order tells: a stop ends its trade as one', () => {
    const { s, botId, stopId, size } = holding();
    const { orderId } = s.order('stop');
    s.venue.trade(stopId, size, dec('19600'), { source: null, clientOrderId: null });
    s.deliver();
    expect(s.told('FillRecorded').at(-1)?.fill).toMatchObject({ orderId, botId, source: 'stop' });
    expect(s.told('PositionChanged').at(-1)?.trade).toMatchObject({ exit: 'stop', botId });
    expect(s.state().account.foreign).toBeNull();
  });

  it('[REC-14] [ORD-23] of a stop that became another order, told late, it waits, and a reading that lags says nothing', () => {
    const { s, stopId, size } = holding();
    s.facts.capabilities.readingLagMs = 2_000;
    s.venue.firesAnew = true;
    const { orderId } = s.order('stop');
    const former = s.venue.state();
    const became = s.venue.fire(stopId);
    s.venue.trade(became.venueOrderId, size, dec('19600'), { source: null });
    s.venue.pushes = [];
    // Its orders are of before, its fills of now.
    s.readShowing((state) => ({ ...state, orders: former.orders }));
    expect(s.told('FillRecorded')).toHaveLength(1);
    expect(s.state().account.foreign).toBeNull();
    expect(s.waiting('FindOrder').map(({ order }) => order.orderId)).toContain(orderId);
    s.findAll();
    expect(s.told('FillRecorded').at(-1)?.fill).toMatchObject({ orderId, source: 'stop' });
    expect(s.isFlat).toBe(true);
    expect(s.state().account.foreign).toBeNull();
  });

  it('[REC-14] of a stop that came with its entry, and fired before anybody heard of it, it is the bot’s', () => {
    const s = new Scenario();
    s.venue.firesAnew = true;
    const botId = s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    s.deliver(({ type }) => type === 'fill');
    expect(s.position().stop).toMatchObject({ state: 'attached', orderId: null });
    const became = s.venue.fire(s.venue.madeStop().venueOrderId);
    s.venue.trade(became.venueOrderId, s.position().size, dec('19600'), { source: null });
    s.deliver(({ type }) => type === 'fill');
    expect(s.told('FillRecorded').at(-1)?.fill).toMatchObject({ botId, source: 'stop' });
    expect(s.told('PositionChanged').at(-1)?.trade).toMatchObject({ exit: 'stop', botId });
    expect(s.state().account.foreign).toBeNull();
  });

  it('[REC-14] of a stop that fired before its entry’s fill was told, it waits for that', () => {
    const s = new Scenario({ denseCursors: false });
    s.venue.firesAnew = true;
    const botId = s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    const late = s.venue.pushes.filter(({ type }) => type === 'fill');
    const [{ size } = { size: dec('0') }] = [...s.venue.positions.values()];
    const became = s.venue.fire(s.venue.madeStop().venueOrderId);
    s.venue.pushes = [];
    s.venue.trade(became.venueOrderId, size, dec('19600'), { source: null });
    s.deliver(({ type }) => type === 'fill');
    expect(s.told('FillRecorded')).toEqual([]);
    for (const push of late) s.push(push);
    expect(s.told('FillRecorded').map(({ fill }) => [fill.botId, fill.source])).toEqual([
      [botId, 'order'],
      [botId, 'stop'],
    ]);
    expect(s.isFlat).toBe(true);
    expect(s.state().account.foreign).toBeNull();
  });

  it('[REC-14] [ORD-23] what a stop became is no stranger, though the fill of its entry was not told', () => {
    const s = new Scenario();
    s.venue.firesAnew = true;
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    s.deliver(({ type }) => type === 'order');
    const [{ size } = { size: dec('0') }] = [...s.venue.positions.values()];
    const stop = s.venue.madeStop().venueOrderId;
    const became = s.venue.fire(stop);
    s.venue.trade(became.venueOrderId, size, dec('19600'), { source: null });
    s.deliver((push) => push.type === 'order' && push.order.venueOrderId !== stop);
    expect(s.state().account.foreign).toBeNull();
    s.findAll();
    s.readLater();
    expect(s.isFlat).toBe(true);
    expect(s.state().account.foreign).toBeNull();
  });

  it('[REC-14] one that nothing of ours can have made is another’s', () => {
    const s = new Scenario();
    const strange = { symbol: 'BTCUSDT', side: 'buy', venueOrderId: 'v-other', clientOrderId: null } as const;
    s.venue.execute(strange, dec('0.01'), dec('20000'), { source: null });
    s.deliver();
    expect(s.told('FillRecorded').at(-1)?.fill).toMatchObject({ orderId: null, source: 'order' });
    expect(s.state().account.foreign).not.toBeNull();
  });
});

describe('what a venue does not tell of a stop', () => {
  it('[PROT-24] [REC-14] who triggers it, that it reduces, and its size count as asked for, and as the position', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    s.deliver(({ type }) => type === 'fill');
    const made = s.venue.madeStop();
    s.venue.rewrite(made.venueOrderId, { triggerBy: null, reduceOnly: null, size: null });
    s.deliver();
    s.readLater();
    s.tick();
    expect(s.order('stop')).toMatchObject({ triggerBy: 'mark', reduceOnly: true, size: s.position().size });
    expect(s.position().stop?.state).toBe('resting');
    expect(s.sending()).toEqual([]);
    expect(s.waiting('AmendOrder')).toEqual([]);
    expect(s.state().account.foreign).toBeNull();
  });

  it('[REC-14] [INV-12] of another’s stop that does not say so it is not taken for granted that it reduces', () => {
    const s = new Scenario();
    s.openByHand();
    const { symbol, size } = s.position();
    const stop = {
      type: 'stop_market',
      triggerPrice: dec('19000'),
      reduceOnly: null,
      triggerBy: null,
    } as const;
    s.venue.rest({ ...stop, symbol, size, side: 'sell', clientOrderId: 'somebody' });
    s.deliver();
    expect(s.order('manual')).toMatchObject({ foreign: true, reduceOnly: false, triggerBy: null });
  });
});
