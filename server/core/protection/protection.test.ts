import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { enter, exit } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

const TP = [{ slot: 'tp1', atPct: dec('4'), share: dec('1') }];

function hand(s: Scenario, change: object = {}) {
  return {
    accountId: s.accountId,
    symbol: 'BTCUSDT',
    side: 'buy' as const,
    type: 'market' as const,
    size: dec('0.1'),
    price: null,
    timeInForce: 'ioc' as const,
    reduceOnly: false,
    stopPrice: null,
    takeProfitPrice: null,
    ...change,
  };
}

describe('the first stop', () => {
  it('[PROT-1] [INV-5] an entry carries its stop, which counts as resting once the venue shows it', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    const entry = s.order('entry');
    expect(entry.attachedStop).toEqual({ triggerPrice: '19600', triggerBy: 'mark' });
    expect(entry.notAfter).toBe(s.marketTime + s.facts.writeWindowMs);
    s.fillNow(entry);
    s.deliver((push) => push.type === 'fill');
    expect(s.position().stop).toMatchObject({ state: 'attached', orderId: null, triggerPrice: '19600' });
    s.readLater();
    expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '19600' });
    expect(s.order('stop')).toMatchObject({ status: 'open', botId: s.position().botId, reduceOnly: true });
    expect(s.state().account.foreign).toBeNull();
    expect(s.sending('stop')).toEqual([]);
  });

  it.each([true, false])(
    '[PROT-2] a stop told before the fill that made it is adopted and kept (names its entry: %s)',
    (named) => {
      const s = new Scenario();
      s.venue.namesParent = named;
      s.runningBot();
      s.bar([enter('short')]);
      s.fillNow(s.order('entry'));
      const pushes = s.venue.pushes;
      s.venue.pushes = pushes.filter((push) => push.type === 'order' && push.order.type === 'stop_market');
      s.deliver();
      expect(s.waiting('CancelOrder')).toEqual([]);
      s.venue.pushes = pushes.filter((push) => push.type === 'fill');
      s.deliver();
      expect(s.position()).toMatchObject({ direction: 'short', stop: { state: 'resting' } });
      expect(s.state().account.foreign).toBeNull();
      expect(s.waiting('CancelOrder')).toEqual([]);
    },
  );

  it('[PROT-2] without a parent id it is adopted as the only stop at the wanted price', () => {
    const s = new Scenario();
    s.venue.namesParent = false;
    s.tradingBot();
    expect(s.position().stop?.state).toBe('resting');
    expect(s.state().account.foreign).toBeNull();
  });

  it('[PROT-3] missing when the account is read back: placed at once', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    const [made] = s.venue.working();
    if (made === undefined) throw new Error('the venue made no stop');
    s.venue.orders.delete(made.venueOrderId);
    s.deliver((push) => push.type === 'fill');
    s.tick(2_000);
    expect(s.waiting('ReadAccount').length).toBeGreaterThan(0);
    s.read();
    expect(s.position().stop).toMatchObject({ state: 'placing', triggerPrice: '19600' });
    expect(s.position().unprotectedSince).not.toBeNull();
    s.accept(s.order('stop'));
    expect(s.position()).toMatchObject({ stop: { state: 'resting' }, unprotectedSince: null });
  });

  it('[PROT-3] a market clock far ahead of the wall clock does not put the reading back off', () => {
    const s = new Scenario();
    s.runningBot();
    s.marketTime += 86_400_000;
    s.venue.marketTime = s.marketTime;
    s.closeBar(s.marketTime - 60_000, [enter('long')]);
    s.fillNow(s.order('entry'));
    s.deliver((push) => push.type === 'fill');
    expect(s.position().stop?.state).toBe('attached');
    s.tick(2_000);
    expect(s.waiting('ReadAccount')).toHaveLength(1);
  });

  it('[PROT-4] refused: the position is closed, said aloud', () => {
    const s = new Scenario({ attachedStop: false });
    s.runningBot();
    s.bar([enter('long')], { takeProfits: TP });
    expect(s.order('entry')).toMatchObject({ type: 'market', timeInForce: 'ioc', attachedStop: null });
    s.fillNow(s.order('entry'));
    s.deliver();
    expect(s.order('stop')).toMatchObject({ triggerPrice: '19600', side: 'sell', size: s.position().size });
    expect(s.position().unprotectedSince).not.toBeNull();
    s.reject(s.order('stop'), 'stop_direction');
    expect(s.told('StopFailed')).toHaveLength(1);
    expect(s.alert('stop_failed')).toBe(true);
    for (const order of s.sending('take_profit')) s.accept(order);
    s.cancelAll();
    expect(s.sending('close')).toHaveLength(1);
    s.fillNow(s.order('close'));
    s.deliver();
    expect(s.isFlat).toBe(true);
  });

  it('[PROT-4] while it is being closed after a refusal, a reading places no stop again', () => {
    const s = new Scenario({ attachedStop: false });
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    s.deliver();
    s.reject(s.order('stop'), 'stop_direction');
    s.reject(s.order('close'), 'maintenance');
    s.readLater();
    expect(s.position().stop?.state).toBe('failed');
    s.tick();
    expect(s.sending('close')).toHaveLength(1);
    expect(s.sending('stop')).toEqual([]);
  });

  it('[PROT-4] a passing refusal is tried again, and only for so long unsaid', () => {
    const s = new Scenario({ attachedStop: false });
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    s.deliver();
    s.reject(s.order('stop'), 'rate_limited');
    expect(s.position().stop?.state === 'none' || s.sending('stop').length === 1).toBe(true);
    s.tick(5_000);
    expect(s.told('Unprotected').length).toBe(1);
    expect(s.alert('unprotected')).toBe(true);
    s.accept(s.order('stop'));
    expect(s.position().stop?.state).toBe('resting');
    expect(s.alert('unprotected')).toBe(false);
  });

  it('[PROT-4] refused because nothing is open: the account is read, nothing is closed blindly', () => {
    const s = new Scenario({ attachedStop: false });
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    s.deliver();
    s.reject(s.order('stop'), 'no_position');
    expect(s.sending('close')).toEqual([]);
    expect(s.waiting('ReadAccount').length).toBeGreaterThan(0);
  });

  it('[PROT-5] an entry of a bot never rests where a stop cannot be attached', () => {
    const s = new Scenario({ attachedStop: false });
    s.runningBot();
    s.bar([enter('long', { type: 'limit', price: dec('19900') })]);
    expect(s.sending('entry')).toMatchObject([{ type: 'limit', timeInForce: 'ioc', attachedStop: null }]);
  });

  it('[PROT-6] a manual order carries its stop the same way, and has one placed where the venue attaches none', () => {
    const s = new Scenario();
    s.command({ type: 'SubmitOrder', request: hand(s, { stopPrice: dec('19000') }) });
    s.fillNow(s.order('manual'));
    s.deliver();
    expect(s.position()).toMatchObject({ botId: null, stop: { state: 'resting', triggerPrice: '19000' } });
    const t = new Scenario({ attachedStop: false });
    t.command({ type: 'SubmitOrder', request: hand(t, { stopPrice: dec('19000') }) });
    t.fillNow(t.order('manual'));
    t.deliver((push) => push.type === 'fill');
    expect(t.sending('stop')).toMatchObject([{ triggerPrice: '19000', reduceOnly: true }]);
  });

  it('[PROT-6] a take-profit with a manual order is refused clearly, never dropped in silence', () => {
    const s = new Scenario();
    const outcome = s.command({
      type: 'SubmitOrder',
      request: hand(s, { takeProfitPrice: dec('21000') }),
    });
    expect(outcome).toMatchObject({ ok: false, refusal: { code: 'bad_request' } });
    expect(s.sending()).toEqual([]);
  });
});

describe('moving and resizing', () => {
  it('[PROT-7] [INV-6] amended in place where the venue can: never two, never none', () => {
    const s = new Scenario();
    s.tradingBot('long', { trailing: { activatePct: dec('1'), distancePct: dec('1') } });
    s.price('20400');
    expect(s.position().stop).toMatchObject({ state: 'replacing', triggerPrice: '20196' });
    expect(s.waiting('AmendOrder')).toMatchObject([{ change: { triggerPrice: '20196' } }]);
    expect(s.waiting('CancelOrder')).toEqual([]);
    s.amendAll();
    expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '20196' });
    expect(s.openOrders('stop')).toHaveLength(1);
  });

  it('[PROT-8] [INV-6] new first, old after, where it cannot amend', () => {
    const s = new Scenario({ amendStop: false });
    s.tradingBot('long', { trailing: { activatePct: dec('1'), distancePct: dec('1') } });
    const old = s.order('stop');
    s.price('20400');
    expect(s.sending('stop')).toMatchObject([{ triggerPrice: '20196', reduceOnly: true }]);
    expect(s.waiting('CancelOrder')).toEqual([]);
    s.accept(s.order('stop'));
    expect(s.waiting('CancelOrder').map(({ order }) => order.orderId)).toEqual([old.orderId]);
    expect(s.position().stop?.orderId).not.toBe(old.orderId);
  });

  it('[PROT-8] the new one refused: the old one still rests and is what is shown', () => {
    const s = new Scenario({ amendStop: false });
    s.tradingBot('long', { trailing: { activatePct: dec('1'), distancePct: dec('1') } });
    const old = s.order('stop');
    s.price('20400');
    s.reject(s.order('stop'), 'stop_direction');
    expect(s.position().stop).toMatchObject({
      state: 'resting',
      orderId: old.orderId,
      triggerPrice: '19600',
    });
    expect(s.alert('stop_replace_refused')).toBe(true);
    expect(s.sending('close')).toEqual([]);
  });

  it('[PROT-9] one stop and no amending: the old one stays, never taken away first', () => {
    const s = new Scenario({ amendStop: false, positionStops: 'one' });
    s.tradingBot('long', { trailing: { activatePct: dec('1'), distancePct: dec('1') } });
    s.price('20400');
    expect(s.sending('stop')).toEqual([]);
    expect(s.waiting('CancelOrder')).toEqual([]);
    expect(s.openOrders('stop')).toHaveLength(1);
  });

  it('[PROT-10] an amendment refused leaves the stop where it was, and the next step tries again', () => {
    const s = new Scenario();
    s.tradingBot('long', { trailing: { activatePct: dec('1'), distancePct: dec('1') } });
    s.price('20400');
    s.reject(s.order('stop'), 'other', 'amend');
    expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '19600' });
    s.price('20500');
    expect(s.waiting('AmendOrder')).toHaveLength(1);
  });

  it('[PROT-10] an amendment lost is asked for again after a reading: a trailing stop never gets stuck', () => {
    const s = new Scenario();
    s.tradingBot('long', { trailing: { activatePct: dec('1'), distancePct: dec('1') } });
    s.price('20400');
    s.take({ effect: 'AmendOrder' });
    s.give({
      type: 'OrderAnswered',
      orderId: s.order('stop').orderId,
      action: 'amend',
      answer: { outcome: 'unknown', message: 'timed out' },
    });
    s.read();
    expect(s.waiting('AmendOrder')).toEqual([]);
    s.tick(2_000);
    s.read();
    expect(s.waiting('AmendOrder')).toHaveLength(1);
    s.amendAll();
    expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '20196' });
  });

  it('[PROT-10] moved by hand while another move is on its way: the last one wins', () => {
    const s = new Scenario();
    s.tradingBot('long', { trailing: { activatePct: dec('1'), distancePct: dec('1') } });
    s.price('20400');
    const outcome = s.command({
      type: 'SetStop',
      accountId: s.accountId,
      symbol: 'BTCUSDT',
      triggerPrice: dec('20000'),
    });
    expect(outcome.ok).toBe(true);
    s.amendAll();
    s.tick(2_000);
    s.read();
    s.amendAll();
    expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '20000' });
    expect(s.venue.working().filter((order) => order.type === 'stop_market')).toMatchObject([
      { triggerPrice: '20000' },
    ]);
  });

  it('[PROT-11] resized after a partial exit, where stops have sizes', () => {
    const s = new Scenario();
    s.tradingBot();
    const { size } = s.position();
    s.bar([exit('long', '0.5', 'half')]);
    const half = s.order('exit');
    expect(Number(half.size)).toBeCloseTo(Number(size) / 2, 2);
    s.fillNow(half);
    s.deliver();
    expect(s.waiting('AmendOrder')).toMatchObject([{ change: { size: s.position().size } }]);
    s.amendAll();
    expect(s.position().stop).toMatchObject({ state: 'resting', size: s.position().size });
    expect(s.position().protection.partialsTaken).toEqual(['half']);
    s.bar([exit('long', '0.5', 'half')]);
    expect(s.sending('exit')).toEqual([]);
    const t = new Scenario({ sizedStop: false });
    t.tradingBot();
    t.bar([exit('long', '0.5', 'half')]);
    t.fillNow(t.order('exit'));
    t.deliver();
    expect(t.waiting('AmendOrder')).toEqual([]);
  });

  it('[PROT-12] the stop vanished at the venue: nothing is assumed before the account was read, then it is placed', () => {
    const s = new Scenario();
    s.tradingBot();
    const stop = s.order('stop');
    if (stop.venueOrderId === null) throw new Error('no venue id');
    s.venue.end(stop.venueOrderId, 'cancelled', 'by the user at the venue');
    s.deliver();
    expect(s.sending('stop')).toEqual([]);
    expect(s.waiting('ReadAccount').length).toBeGreaterThan(0);
    s.readLater();
    expect(s.sending('stop')).toMatchObject([{ triggerPrice: '19600', size: s.position().size }]);
  });

  it('[PROT-13] a fired stop ends the trade, and the rest of the ladder goes', () => {
    const s = new Scenario();
    const botId = s.tradingBot('long', { takeProfits: TP });
    s.accept(s.order('take_profit'));
    s.deliver();
    const stop = s.order('stop');
    s.venue.trigger(String(stop.venueOrderId), dec('19590'));
    s.deliver();
    expect(s.isFlat).toBe(true);
    expect(s.told('StopTriggered')).toHaveLength(1);
    expect(s.told('PositionChanged').findLast(({ trade }) => trade !== null)?.trade?.exit).toBe('stop');
    expect(s.waiting('CancelOrder').map(({ order }) => order.purpose)).toEqual(['take_profit']);
    expect(s.bot(botId).state).toBe('running');
  });

  it('[PROT-13] the fill of a stop not yet known does not fill the entry it came with', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    const entry = s.order('entry');
    s.fillNow(entry);
    const [made] = s.venue.working();
    if (made === undefined) throw new Error('the venue made no stop');
    s.venue.trigger(made.venueOrderId, dec('19590'));
    s.venue.pushes = s.venue.pushes.map((push) =>
      push.type === 'fill' && push.fill.source === 'stop'
        ? { ...push, fill: { ...push.fill, clientOrderId: entry.orderId } }
        : push,
    );
    s.deliver((push) => push.type === 'fill');
    expect(s.isFlat).toBe(true);
    expect(s.desk.orders.get(entry.orderId)).toMatchObject({ filledSize: entry.size, status: 'filled' });
  });
});

describe('exits that follow the price', () => {
  it('[PROT-14] trailing waits for its activation, moves by steps, and only tightens', () => {
    const s = new Scenario();
    s.tradingBot('short', { trailing: { activatePct: dec('1'), distancePct: dec('1') } });
    s.price('19810');
    expect(s.waiting('AmendOrder')).toEqual([]);
    s.price('19800');
    expect(s.position().stop?.triggerPrice).toBe('19998');
    s.amendAll();
    s.price('19795');
    expect(s.waiting('AmendOrder')).toEqual([]);
    s.price('19700');
    s.amendAll();
    expect(s.position().stop?.triggerPrice).toBe('19897');
    s.price('19850');
    expect(s.waiting('AmendOrder')).toEqual([]);
    expect(s.position().stop?.triggerPrice).toBe('19897');
  });

  it('[PROT-15] break-even moves the stop to the entry once', () => {
    const s = new Scenario();
    s.tradingBot('long', { breakEvenAtPct: dec('1.5') });
    s.price('20299');
    expect(s.waiting('AmendOrder')).toEqual([]);
    s.price('20300');
    s.amendAll();
    expect(s.position()).toMatchObject({
      stop: { state: 'resting', triggerPrice: '20000' },
      protection: { breakEvenDone: true },
    });
    s.price('20500');
    expect(s.waiting('AmendOrder')).toEqual([]);
  });

  it('[PROT-16] a time exit closes at the market after its longest hold', () => {
    const s = new Scenario();
    s.tradingBot('long', { maxHoldMs: 60_000 });
    s.advance(59_999);
    s.price('20000');
    expect(s.sending('close')).toEqual([]);
    s.advance(1);
    s.price('20000');
    expect(s.sending('close')).toMatchObject([{ slot: 'time', reduceOnly: true }]);
    s.price('20001');
    expect(s.sending('close')).toHaveLength(1);
  });

  it('[PROT-17] a position closed by hand takes its ladder along; its bot is told who closed it', () => {
    const s = new Scenario();
    const botId = s.tradingBot('long', { takeProfits: TP });
    s.accept(s.order('take_profit'));
    s.deliver();
    const outcome = s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    expect(outcome).toEqual({ ok: true, result: { claimedBy: botId } });
    s.cancelAll();
    s.fillNow(s.order('close'));
    s.deliver();
    s.cancelAll();
    expect(s.isFlat).toBe(true);
    expect(s.openOrders()).toEqual([]);
    expect(s.venue.working()).toEqual([]);
    expect(s.told('PositionChanged').findLast(({ trade }) => trade !== null)?.trade?.exit).toBe('manual');
  });
});
