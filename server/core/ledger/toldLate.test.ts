import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import type { VenueFill } from '../../ports/venue.ts';
import { exit } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

const LATE_MS = 10_000;
const LOOSE = { denseCursors: false, tellsLate: { cursor: 100, ms: LATE_MS } };

/** Takes one execution back out of what the venue tells, until it is told: what is shown of the account has it. */
function keepBack(s: Scenario, fill: VenueFill): () => void {
  const { venue } = s;
  venue.pushes = venue.pushes.filter((push) => push.type !== 'fill' || push.fill.fillId !== fill.fillId);
  venue.fills.splice(venue.fills.indexOf(fill), 1);
  return () => void venue.fills.push(fill);
}

/** What the books have, and the venue. */
const balances = (s: Scenario) => [s.state().account.balances.USDT, s.venue.balance];

describe('where a venue tells late', () => {
  it('[LEDGER-14] two fills of the same cursor count each, pushed or read, and a repeated one once', () => {
    const s = new Scenario(LOOSE);
    s.tradingBot();
    s.readLater();
    const [first] = s.venue.fills;
    if (first === undefined) throw new Error('nothing was filled');
    const twin = s.venue.execute(
      { ...s.order('entry'), venueOrderId: first.venueOrderId, clientOrderId: first.clientOrderId },
      dec('0.001'),
      dec('20000'),
    );
    twin.cursor = first.cursor;
    s.deliver();
    s.readLater();
    s.readLater();
    expect(s.told('FillRecorded').map(({ fill }) => fill.fillId)).toEqual([first.fillId, twin.fillId]);
    expect(balances(s)[0]).toBe(balances(s)[1]);
  });

  it('[LEDGER-14] a fill with a cursor older than those that were read is taken, and its id remembered for as long as it may be told', () => {
    const s = new Scenario(LOOSE);
    s.tradingBot();
    const order = {
      symbol: 'BTCUSDT',
      side: 'buy',
      venueOrderId: 'v1',
      clientOrderId: s.order('entry').orderId,
    } as const;
    const late = s.venue.execute(order, dec('0.001'), dec('20000'));
    const tell = keepBack(s, late);
    s.venue.execute(order, dec('0.002'), dec('20000'));
    s.deliver();
    s.readLater();
    expect(s.state().account.foreign).toBeNull();
    tell();
    s.readLater();
    s.readLater();
    expect(s.told('FillRecorded').filter(({ fill }) => fill.fillId === late.fillId)).toHaveLength(1);
    expect(balances(s)[0]).toBe(balances(s)[1]);
    expect(s.position().size).toBe(s.venue.positions.get('BTCUSDT')?.size);
    // Far enough behind, it is told no more.
    for (let index = 0; index < 3; index += 1) {
      s.venue.cursors.fills += 1_000;
      s.venue.execute(order, dec('0.001'), dec('20000'));
      s.deliver();
      s.readLater();
    }
    expect(s.state().seenFills.has(late.fillId)).toBe(false);
    expect(s.state().seenFills.size).toBe(1);
  });

  it('[LEDGER-15] a position that fills do not explain is the venue’s only once it has stood for as long as fills may be missing', () => {
    const s = new Scenario(LOOSE);
    s.venue.execute(
      { symbol: 'BTCUSDT', side: 'buy', venueOrderId: 'elsewhere', clientOrderId: null },
      dec('0.01'),
      dec('20000'),
    );
    s.venue.fills.length = 0;
    s.venue.pushes = [];
    s.readOnce();
    expect(s.isFlat).toBe(true);
    s.tick();
    expect(s.waiting('ReadAccount')).toHaveLength(1);
    s.advance(LATE_MS - 2_000);
    s.readOnce();
    expect(s.isFlat).toBe(true);
    s.advance(2_000);
    s.readOnce();
    expect(s.position()).toMatchObject({ size: '0.01', foreign: true });
    expect(s.state().account.foreign).not.toBeNull();
  });

  it('[LEDGER-16] fills told out of order end with the venue’s cost and balance, to the last digit, and nothing is said', () => {
    const s = new Scenario(LOOSE);
    s.tradingBot();
    const entry = s.order('entry');
    const named = {
      symbol: 'BTCUSDT',
      venueOrderId: entry.venueOrderId ?? '',
      clientOrderId: entry.orderId,
    } as const;
    const added = s.venue.execute({ ...named, side: 'buy' }, dec('0.013'), dec('20333.3'));
    const tell = keepBack(s, added);
    s.bar([exit('long')]);
    s.fillNow(s.order('exit'), '20111.7');
    s.deliver();
    s.readLater();
    tell();
    s.readLater();
    expect(balances(s)[0]).toBe(balances(s)[1]);
    expect(s.position()).toMatchObject({
      size: s.venue.positions.get('BTCUSDT')?.size,
      cost: s.venue.positions.get('BTCUSDT')?.cost,
    });
    expect(s.told('RealisedSettled')).toHaveLength(1);
    expect(s.alert('ledger_mismatch')).toBe(false);
  });

  it('[LEDGER-16] [LEDGER-11] a difference of another amount is not settled, and told once it has stood', () => {
    const s = new Scenario(LOOSE);
    s.tradingBot();
    s.venue.balance = dec('9000');
    s.readLater();
    s.readLater();
    expect(s.alert('ledger_mismatch')).toBe(false);
    s.advance(LATE_MS);
    s.readLater();
    expect(s.alert('ledger_mismatch')).toBe(true);
    expect(s.told('RealisedSettled')).toEqual([]);
  });
});

describe('funding told late', () => {
  /** A bot held a position for a minute, which has ended. */
  function ended(): { s: Scenario; during: number; botId: string } {
    const s = new Scenario();
    const botId = s.tradingBot();
    s.advance(30_000);
    const during = s.marketTime;
    s.advance(30_000);
    s.bar([exit('long')]);
    s.fillNow(s.order('exit'));
    s.deliver();
    expect(s.isFlat).toBe(true);
    return { s, during, botId };
  }

  it('[LEDGER-17] [LEDGER-10] belongs to the trade, and the bot, that was open at its time', () => {
    const { s, during, botId } = ended();
    const [before] = s.told('PositionChanged').flatMap(({ trade }) => trade ?? []);
    s.venue.bill('funding', '-3', 'BTCUSDT').ts = during;
    s.deliver();
    const [{ trade } = { trade: undefined }] = s.told('TradeChanged');
    expect(trade).toMatchObject({ tradeId: before?.tradeId, botId, funding: '-3' });
    expect(s.bot(botId).stats.funding).toBe('-3');
    expect(balances(s)[0]).toBe(balances(s)[1]);
  });

  it('[LEDGER-17] and not to the position that is open by now', () => {
    const { s, during, botId } = ended();
    s.command({ type: 'StopBot', botId, positions: 'close' });
    s.settle();
    s.openByHand({ side: 'sell' });
    s.venue.bill('funding', '-3', 'BTCUSDT').ts = during;
    s.deliver();
    expect(s.position()).toMatchObject({ direction: 'short', funding: '0', botId: null });
    expect(s.bot(botId).stats.funding).toBe('-3');
    s.advance(1_000);
    s.venue.bill('funding', '2', 'BTCUSDT');
    s.deliver();
    expect(s.position().funding).toBe('2');
  });
});
