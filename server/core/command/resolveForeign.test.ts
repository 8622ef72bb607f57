import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

/** Somebody trades at the venue past us. */
function foreignPosition(s: Scenario, symbol = 'ETHUSDT'): void {
  const order = { symbol, side: 'buy', venueOrderId: 'x', clientOrderId: null } as const;
  s.venue.execute(order, dec('1'), dec('1500'));
  s.deliver();
}

function foreignStop(s: Scenario, triggerPrice = '1400') {
  const seen = s.venue.rest({
    symbol: 'ETHUSDT',
    side: 'sell',
    type: 'stop_market',
    size: dec('1'),
    triggerPrice: dec(triggerPrice),
    triggerBy: 'last',
    reduceOnly: true,
  });
  s.deliver();
  return seen;
}

const resolve = (s: Scenario, decision?: 'adopt' | 'ignore') =>
  s.command({
    type: 'ResolveForeign',
    accountId: s.accountId,
    ...(decision === undefined ? null : { decision }),
  });

describe('what was found at the venue', () => {
  it('[REC-11] [INV-12] is shown as foreign, and nobody enters anywhere on the account until it is resolved', () => {
    const s = new Scenario();
    s.runningBot();
    foreignPosition(s);
    foreignStop(s);
    expect(s.position('ETHUSDT')).toMatchObject({ foreign: true, botId: null, stop: null });
    expect(s.openOrders('stop')).toMatchObject([{ foreign: true, botId: null, slot: '' }]);
    s.bar([enter('long')]);
    expect(s.sending()).toEqual([]);
    expect(s.denial(s.orderByHand({ symbol: 'SOLUSDT' })).limit).toBe('foreign_activity');
  });

  it.each([undefined, 'adopt'] as const)(
    '[REC-11] adopted (%s), it is its owner’s, with its stop',
    (decision) => {
      const s = new Scenario();
      s.runningBot();
      foreignPosition(s);
      const stop = foreignStop(s);
      expect(resolve(s, decision).ok).toBe(true);
      expect(s.state().account.foreign).toBeNull();
      expect(s.position('ETHUSDT')).toMatchObject({
        foreign: false,
        botId: null,
        stop: { state: 'resting', triggerPrice: '1400', size: '1' },
      });
      expect(s.alert('stop_missing')).toBe(false);
      // Managed as any other by hand: moved, resized, and gone with the position.
      s.command({ type: 'SetStop', accountId: s.accountId, symbol: 'ETHUSDT', triggerPrice: dec('1450') });
      s.amendAll();
      expect(s.venue.get(stop.venueOrderId).triggerPrice).toBe('1450');
      s.bar([enter('long')]);
      expect(s.sending('entry')).toHaveLength(1);
    },
  );

  it('[REC-11] adopted without a stop, its owner is asked for one until there is one', () => {
    const s = new Scenario();
    foreignPosition(s);
    resolve(s, 'adopt');
    expect(s.alert('stop_missing')).toBe(true);
    s.command({ type: 'SetStop', accountId: s.accountId, symbol: 'ETHUSDT', triggerPrice: dec('1400') });
    s.accept(s.order('stop'));
    s.deliver();
    expect(s.position('ETHUSDT').stop?.state).toBe('resting');
    expect(s.alert('stop_missing')).toBe(false);
  });

  it('[REC-11] several stops at the venue are its owner’s own arrangement and stay as they are', () => {
    const s = new Scenario();
    foreignPosition(s);
    foreignStop(s, '1400');
    foreignStop(s, '1300');
    resolve(s);
    s.settle();
    expect(s.position('ETHUSDT').stop).toBeNull();
    expect(s.venue.working()).toHaveLength(2);
  });

  it('[REC-11] [INV-12] ignored, it stays foreign and untouched; entries go on, but not on its symbol', () => {
    const s = new Scenario();
    s.runningBot();
    foreignPosition(s);
    foreignStop(s);
    resolve(s, 'ignore');
    expect(s.state().account.foreign).toBeNull();
    s.tick(5_000);
    s.readLater();
    s.tick(60_000);
    s.settle();
    expect(s.position('ETHUSDT')).toMatchObject({ foreign: true, stop: null });
    expect(s.venue.working()).toHaveLength(1);
    expect(s.told('StopPlaced')).toEqual([]);
    s.bar([enter('long')]);
    expect(s.sending('entry')).toHaveLength(1);
    expect(s.denial(s.orderByHand({ symbol: 'ETHUSDT' }))).toMatchObject({
      limit: 'foreign_on_symbol',
      symbol: 'ETHUSDT',
    });
    const eth = s.createBot({ symbol: 'ETHUSDT', allocationPct: dec('10') });
    expect(s.denial({ type: 'StartBot', botId: eth }).limit).toBe('foreign_on_symbol');
  });

  it('[REC-11] more of what is ignored does not freeze again; something elsewhere does', () => {
    const s = new Scenario();
    foreignPosition(s);
    resolve(s, 'ignore');
    foreignPosition(s);
    foreignStop(s);
    expect(s.position('ETHUSDT')).toMatchObject({ size: '2', foreign: true });
    expect(s.state().account.foreign).toBeNull();
    foreignPosition(s, 'SOLUSDT');
    expect(s.state().account.foreign?.found.figures).toMatchObject({ symbol: 'SOLUSDT' });
  });

  it('[REC-11] what was ignored can be adopted later', () => {
    const s = new Scenario();
    foreignPosition(s);
    resolve(s, 'ignore');
    resolve(s, 'adopt');
    expect(s.position('ETHUSDT').foreign).toBe(false);
    expect(s.alert('stop_missing')).toBe(true);
    expect(s.command(s.orderByHand({ symbol: 'ETHUSDT' })).ok).toBe(true);
  });

  it('[REC-11] a foreign order that fills opens a foreign position', () => {
    const s = new Scenario();
    const seen = s.venue.rest({
      symbol: 'ETHUSDT',
      side: 'buy',
      type: 'limit',
      size: dec('1'),
      price: dec('1400'),
    });
    s.deliver();
    resolve(s, 'ignore');
    s.venue.trade(seen.venueOrderId, dec('1'), dec('1400'));
    s.deliver();
    expect(s.position('ETHUSDT')).toMatchObject({ foreign: true, size: '1' });
    expect(s.state().account.foreign).toBeNull();
  });

  it('[REC-1] [INV-12] fills of a foreign order that are told after it ended, and after it was resolved, freeze again', () => {
    const s = new Scenario();
    const order = {
      symbol: 'ETHUSDT',
      side: 'buy',
      type: 'limit',
      size: dec('1'),
      price: dec('1400'),
    } as const;
    const seen = s.venue.rest(order);
    s.deliver();
    s.venue.trade(seen.venueOrderId, dec('1'), dec('1400'));
    // The fill is lost, the end of its order told too late to wait for it.
    s.advance(60_000);
    s.deliver((push) => push.type === 'order');
    s.drop((effect) => effect.type === 'ReadAccount');
    expect([...s.openOrders()]).toEqual([]);
    resolve(s, 'adopt');
    expect(s.state().account.foreign).toBeNull();
    s.readLater();
    expect(s.position('ETHUSDT')).toMatchObject({ foreign: true, size: '1' });
    expect(s.state().account.foreign?.found.figures).toMatchObject({
      side: 'buy',
      size: '1',
      symbol: 'ETHUSDT',
    });
    resolve(s, 'adopt');
    expect(s.position('ETHUSDT').foreign).toBe(false);
  });

  it('[REC-11] a bot on the same account stops to flat beside what is foreign; an emergency stop takes that along', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    const stop = s.venue.rest({
      symbol: 'BTCUSDT',
      side: 'sell',
      type: 'stop_market',
      size: dec('0.1'),
      triggerPrice: dec('15000'),
      triggerBy: 'last',
      reduceOnly: true,
    });
    s.deliver();
    resolve(s, 'ignore');
    s.command({ type: 'StopBot', botId, positions: 'close' });
    for (let round = 0; round < 4; round += 1) {
      s.settle();
      s.tick(3_000);
    }
    expect(s.bot(botId).state).toBe('stopped');
    expect(s.venue.working().map(({ venueOrderId }) => venueOrderId)).toEqual([stop.venueOrderId]);
    s.command({ type: 'EmergencyStop', scope: {} });
    for (let round = 0; round < 4; round += 1) {
      s.settle();
      s.tick(3_000);
    }
    expect(s.venue.working()).toEqual([]);
  });
});
