import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { ops } from '../../../shared/protocol/ops.ts';
import { HOUR, RiskDesk } from '../../testing/core/riskDesk.ts';
import { enter } from '../../testing/core/samples.ts';
import { deserializeDesk, serializeDesk } from '../fold/snapshot.ts';
import { needsWatching } from '../watch/watch.ts';

/** A bot's position has lost more than the day allows, and stays. */
function breachedOnHold() {
  const s = new RiskDesk();
  s.tick();
  s.set({ dailyLoss: dec('100'), dailyLossPolicy: 'hold' });
  const botId = s.tradingBot();
  s.price('19500');
  s.tick();
  return { s, botId };
}

describe('limits of an account', () => {
  it('[RISK-14] tighter at once, looser only from the next local midnight', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({}, 'Asia/Seoul');
    s.jump(24 * HOUR);
    // The first day of another zone is a long one.
    s.jump(48 * HOUR);
    expect(s.state().limits).toMatchObject({ timeZone: 'Asia/Seoul', pendingTimeZone: null });
    s.set({ dailyLoss: dec('500'), maxPositions: 3, maxLeverage: 5 });
    expect(s.state().limits.values).toMatchObject({ dailyLoss: '500', maxPositions: 3, maxLeverage: 5 });
    s.set({ dailyLoss: dec('900'), maxPositions: null, maxLeverage: 3 });
    expect(s.state().limits.values).toMatchObject({ dailyLoss: '500', maxPositions: 3, maxLeverage: 3 });
    expect(s.state().limits.pending).toMatchObject({ dailyLoss: '900', maxPositions: null, maxLeverage: 3 });
    // It is 22:14 UTC, 07:14 in Seoul: its midnight comes within 17 hours, and not at midnight UTC.
    s.jump(2 * HOUR);
    expect(s.state().limits.values.dailyLoss).toBe('500');
    s.jump(15 * HOUR);
    expect(s.state().limits).toMatchObject({
      pending: null,
      values: { dailyLoss: '900', maxPositions: null },
    });
  });

  it('[RISK-14] off is the loosest: it waits, and from off everything is tighter', () => {
    const s = new RiskDesk();
    s.tick();
    expect(s.state().limits.values.maxPositions).toBe(10);
    s.set({ maxPositions: null });
    expect(s.state().limits).toMatchObject({ values: { maxPositions: 10 }, pending: { maxPositions: null } });
    s.jump(24 * HOUR);
    expect(s.state().limits.values.maxPositions).toBeNull();
    s.set({ maxPositions: 4, dailyLoss: dec('100') });
    expect(s.state().limits).toMatchObject({ values: { maxPositions: 4, dailyLoss: '100' }, pending: null });
  });

  it('[RISK-15] neither a release nor another time zone lets looser limits in early or ends the day', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ dailyLoss: dec('100') });
    const baseline = s.state().limits.dayStart?.equity;
    s.set({ dailyLoss: dec('5000') });
    s.set({}, 'Pacific/Kiritimati');
    s.tick();
    expect(s.state().limits).toMatchObject({ values: { dailyLoss: '100' }, dayStart: { equity: baseline } });
    s.command({ type: 'EmergencyStop', scope: {} });
    s.readLater();
    s.command({ type: 'ReleaseEmergency', scope: {} });
    s.tick();
    expect(s.state().limits.values.dailyLoss).toBe('100');
  });

  it('[RISK-16] a daily loss counts what is realised, fees and what is open, and halts every bot of the account', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ dailyLoss: dec('100') });
    const first = s.tradingBot();
    const second = s.runningBot({ symbol: 'ETHUSDT' });
    s.price('19700');
    s.tick();
    expect(s.state().limits.breaches).toEqual([]);
    s.price('19590');
    s.tick();
    const [breach] = s.state().limits.breaches;
    expect(breach).toMatchObject({ limit: 'daily_loss', allowed: '-100', policy: 'flatten' });
    expect(Number(breach?.actual)).toBeLessThan(-100);
    expect(s.bot(first)).toMatchObject({ state: 'halted', closing: true });
    expect(s.bot(second)).toMatchObject({ state: 'halted', closing: true });
    expect(s.sending('close')).toMatchObject([{ slot: 'limit', reduceOnly: true }]);
    s.fillNow(s.order('close'), '19590');
    s.deliver();
    s.cancelAll();
    s.readLater();
    expect(s.isFlat).toBe(true);
    expect(s.bot(first)).toMatchObject({ state: 'halted', closing: false });
    s.bar([enter('long')]);
    expect(s.openOrders()).toEqual([]);
    expect(s.denial({ type: 'StartBot', botId: first }).limit).toBe('limit_breached');
  });

  it('[RISK-16] with the policy hold the position stays under its stop and its entries end', () => {
    const { s, botId } = breachedOnHold();
    expect(s.bot(botId)).toMatchObject({ state: 'halted', closing: false });
    expect(s.sending('close')).toEqual([]);
    expect(s.position().stop?.state).toBe('resting');
  });

  it('[RISK-17] the day and its loss survive a restart, and end with local midnight', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ dailyLoss: dec('100') });
    const botId = s.tradingBot();
    s.price('19800');
    s.tick();
    const before = s.state().limits;
    s.desk = deserializeDesk(serializeDesk(s.desk));
    s.give({ type: 'Recovered', downMs: 1_000, latch: null });
    s.readLater();
    s.tick();
    expect(s.state().limits).toEqual(before);
    s.price('19590');
    s.tick();
    expect(s.state().limits.breaches[0]?.limit).toBe('daily_loss');
    s.fillNow(s.order('close'), '19590');
    s.deliver();
    s.cancelAll();
    s.readLater();
    s.jump(24 * HOUR);
    expect(s.state().limits.breaches).toEqual([]);
    expect(s.bot(botId).state).toBe('halted');
    expect(s.command({ type: 'StartBot', botId }).ok).toBe(true);
  });

  it('[RISK-18] the drawdown is measured from the highest equity, and released by hand only', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ drawdownPct: dec('5'), drawdownPolicy: 'hold' });
    s.tradingBot();
    s.price('22000');
    s.tick();
    const peak = s.state().limits.peakEquity;
    expect(Number(peak)).toBeGreaterThan(10_400);
    s.price('20100');
    s.tick();
    expect(s.state().limits.breaches[0]?.limit).toBeUndefined();
    s.price('19700');
    s.tick();
    expect(s.state().limits.breaches[0]).toMatchObject({ limit: 'drawdown', allowed: '5' });
    s.jump(24 * HOUR);
    expect(s.state().limits.breaches[0]?.limit).toBe('drawdown');
    s.command({ type: 'ReleaseEmergency', scope: {} });
    s.tick();
    expect(s.state().limits.breaches).toEqual([]);
  });

  it('[RISK-19] money moved in or out is neither gain nor loss', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ dailyLoss: dec('100'), drawdownPct: dec('1') });
    s.venue.bill('transfer', '-5000');
    s.deliver();
    s.tick();
    expect(s.state().limits).toMatchObject({
      breaches: [],
      dayStart: { equity: '5000' },
      peakEquity: '5000',
    });
  });

  it('[RISK-20] while a position has no fresh price nothing is guessed', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ dailyLoss: dec('100') });
    s.tradingBot();
    s.price(null);
    s.tick();
    expect(s.state().limits.breaches).toEqual([]);
    s.price('19000');
    s.tick();
    expect(s.state().limits.breaches).not.toEqual([]);
  });

  it('[RISK-21] a stale version is told the current one, an unknown time zone is refused', () => {
    const s = new RiskDesk();
    const command = { type: 'SetLimits', accountId: s.accountId, values: {}, timeZone: undefined } as const;
    expect(s.command(command, 99)).toMatchObject({ ok: false, refusal: { code: 'version_conflict' } });
    expect(s.set({}, 'Mars/Olympus')).toMatchObject({ ok: false, refusal: { code: 'bad_request' } });
  });

  it.each([
    [{ drawdownPct: dec('200') }, 'drawdownPct is 200: it must be 0 to 100'],
    [{ dailyLoss: dec('-1') }, 'dailyLoss is -1: it must be 0 to 1000000000000'],
    [{ priceBandPct: dec('0') }, 'priceBandPct is 0: it must be 0.01 to 100'],
    [{ maxLeverage: 126 }, 'maxLeverage is 126: it must be 1 to 125'],
    [{ maxOrdersPerMinute: 0 }, 'maxOrdersPerMinute is 0: it must be 1 to 10000'],
    [{ maxPositions: -1 }, 'maxPositions is -1: it must be 0 to 1000'],
    [{ cooldownAfterStopMs: 604_800_001 }, 'cooldownAfterStopMs is 604800001: it must be 0 to 604800000'],
    [{ stopOutWindowMs: 1 }, 'stopOutWindowMs is 1: it must be 1000 to 604800000'],
  ])(
    '[FOUND-32] [RISK-21] a limit out of its range is refused, by hand and on the wire: %j',
    (values, text) => {
      const s = new RiskDesk();
      const path = `values.${Object.keys(values)[0]}`;
      const details = { issues: [{ path: `args.${path}`, problem: text, allowed: [expect.any(String)] }] };
      expect(s.set(values)).toMatchObject({
        ok: false,
        refusal: { code: 'bad_request', message: text, details },
      });
      const args = { accountId: s.accountId, values };
      const parsed = ops['limits.set'].args.safeParse(args);
      expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
    },
  );

  it('[RISK-15] [N7] a breached daily loss is not released: the figures stand, and the day keeps its baseline', () => {
    const { s, botId } = breachedOnHold();
    const before = s.state().limits;
    expect(s.denial({ type: 'ReleaseEmergency', scope: {} })).toMatchObject({
      limit: 'limit_breached',
      breach: { code: 'daily_loss', figures: { actual: before.breaches[0]?.actual, allowed: '-100' } },
      end: 'midnight',
    });
    // With a latch to release the latch goes, and the loss stays.
    s.command({ type: 'EmergencyStop', scope: {} });
    s.settle();
    s.tick();
    s.settle();
    expect(s.command({ type: 'ReleaseEmergency', scope: {} }).ok).toBe(true);
    expect(s.state().account.latch).toBeNull();
    expect(s.state().limits).toMatchObject({ breaches: before.breaches, dayStart: before.dayStart });
    expect(s.denial({ type: 'StartBot', botId }).limit).toBe('limit_breached');
  });

  it('[RISK-15] [N7] another time zone waits for the midnight of the present one, also while a limit is breached', () => {
    const { s } = breachedOnHold();
    const { dayStart, breaches } = s.state().limits;
    // In Kiritimati it is tomorrow already.
    s.set({}, 'Pacific/Kiritimati');
    s.tick();
    expect(s.state().limits).toMatchObject({
      timeZone: 'UTC',
      pendingTimeZone: 'Pacific/Kiritimati',
      dayStart,
      breaches,
    });
    s.set({}, 'UTC');
    expect(s.state().limits.pendingTimeZone).toBeNull();
    s.set({}, 'Asia/Seoul');
    s.jump(2 * HOUR);
    expect(s.state().limits).toMatchObject({ timeZone: 'Asia/Seoul', pendingTimeZone: null, breaches: [] });
  });

  it('[RISK-16] [INV-8] entries by hand are cancelled, and positions by hand closed where the policy closes', () => {
    for (const policy of ['flatten', 'hold'] as const) {
      const s = new RiskDesk();
      s.tick();
      s.set({ dailyLoss: dec('100'), dailyLossPolicy: policy });
      s.trade('buy', '0.1');
      const { type, request } = s.request('buy', '1', { symbol: 'ETHUSDT' });
      s.command({ type, request: { ...request, type: 'limit', price: dec('1490'), timeInForce: 'gtc' } });
      s.accept(s.order('manual', 'ETHUSDT'));
      s.price('18000');
      s.tick();
      expect(s.waiting('CancelOrder').map(({ order }) => order.symbol)).toEqual(['ETHUSDT']);
      expect(s.sending('close').map(({ slot, size }) => [slot, size])).toEqual(
        policy === 'flatten' ? [['limit', '0.1']] : [],
      );
      s.settle();
      s.tick();
      expect([s.isFlat, s.openOrders()]).toEqual([policy === 'flatten', []]);
      expect(s.told('PositionChanged').flatMap(({ trade }) => trade?.exit ?? [])).toEqual(
        policy === 'flatten' ? ['limit'] : [],
      );
    }
  });

  it('[RISK-17] a breach ends with its day although nothing is open and no bot is left to look after', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ dailyLoss: dec('100') });
    s.trade('buy', '0.1');
    s.price('18000');
    s.tick();
    s.settle();
    expect(s.isFlat).toBe(true);
    expect(needsWatching(s.desk, s.context())).toBe(true);
    s.jump(24 * HOUR);
    expect(s.limits().breaches).toEqual([]);
    expect(needsWatching(s.desk, s.context())).toBe(false);
  });

  it('[RISK-26] [INV-10] [D4] what the next look would halt for is denied to an order already, with the figures', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ dailyLoss: dec('100'), drawdownPct: dec('1') });
    s.trade('buy', '0.1');
    s.price('18990');
    expect(s.limits().breaches).toEqual([]);
    expect(s.denial(s.request('buy', '0.01'))).toMatchObject({
      limit: 'limit_breached',
      breach: { code: 'daily_loss', figures: { actual: '-102.2', allowed: '-100' } },
    });
    s.set({ dailyLoss: dec('90') });
    // Tighter than what is lost: it halts with the command.
    expect(s.limits().breaches[0]).toMatchObject({ limit: 'daily_loss', actual: '-102.2', allowed: '-90' });
  });

  it('[RISK-16] [D4] a policy this server does not know closes, and a status it does not know takes no entry', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ dailyLoss: dec('10') });
    const limits = s.limits();
    s.state().limits = { ...limits, values: { ...limits.values, dailyLossPolicy: 'scatter' as never } };
    s.trade('buy', '0.1');
    s.price('19000');
    s.tick();
    expect(s.sending('close')).toMatchObject([{ slot: 'limit' }]);
    const t = new RiskDesk();
    t.changeInstrument('BTCUSDT', { status: 'half_open' as never });
    expect(t.denial(t.request('buy', '0.1'))).toMatchObject({
      limit: 'instrument_status',
      status: 'half_open',
    });
  });

  it('[RISK-16] [REC-11] what is foreign stays untouched by a breach', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ dailyLoss: dec('10') });
    s.venue.execute(
      { symbol: 'BTCUSDT', side: 'buy', venueOrderId: 'x1', clientOrderId: null },
      dec('0.1'),
      dec('20000'),
    );
    s.venue.rest({ symbol: 'ETHUSDT', side: 'buy', type: 'limit', size: dec('1'), price: dec('1400') });
    s.deliver();
    s.price('19000');
    s.tick();
    expect(s.limits().breaches[0]?.limit).toBe('daily_loss');
    expect([s.sending('close'), s.waiting('CancelOrder')]).toEqual([[], []]);
  });
});
