import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import type { Fill } from '../../../shared/domain/fill.ts';
import { enter, exit } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

const lastExit = (s: Scenario) =>
  s.told('PositionChanged').findLast(({ trade }) => trade !== null)?.trade?.exit;

function byHand(): Scenario {
  const s = new Scenario();
  s.command(s.orderByHand({ stopPrice: dec('19000') }));
  s.settle();
  return s;
}

function byVenue(s: Scenario, source: Fill['source'], size: string, price = '19200') {
  const theirs = { symbol: 'BTCUSDT', side: 'sell', venueOrderId: 'forced', clientOrderId: null } as const;
  s.venue.execute(theirs, dec(size), dec(price), { source, fee: dec('1.5') });
  s.deliver();
}

describe('what the venue takes by rules of its own', () => {
  it.each<[Fill['source'], string]>([
    ['liquidation', 'position_liquidated'],
    ['adl', 'position_deleveraged'],
    ['settlement', 'position_settled'],
  ])(
    '[FOUND-30] of a position by hand, %s is told with its figures and named in the trade',
    (source, code) => {
      const s = byHand();
      byVenue(s, source, '0.1');
      const alert = s.desk.alerts.get(`forced:${s.accountId}:BTCUSDT`);
      expect(alert).toMatchObject({ severity: 'critical', code, botId: null, accountId: s.accountId });
      const money = { price: '19200', realised: '-80', fee: '1.5' };
      const position = { symbol: 'BTCUSDT', direction: 'long', size: '0.1', left: '0' };
      expect(alert?.figures).toEqual({ ...position, ...money });
      expect(lastExit(s)).toBe(source);
      expect(s.state().account.foreign).toBeNull();
    },
  );

  it('[FOUND-30] a part of it is told with what is left', () => {
    const s = byHand();
    byVenue(s, 'adl', '0.04');
    expect(s.desk.alerts.get(`forced:${s.accountId}:BTCUSDT`)?.figures).toMatchObject({ left: '0.06' });
    expect(s.position().size).toBe('0.06');
  });

  it('[FOUND-30] [BOT-14] of a bot it is told as well, and the bot is halted', () => {
    const s = new Scenario();
    const botId = s.runningBot();
    s.bar([enter('long')]);
    s.settle();
    byVenue(s, 'liquidation', s.position().size);
    expect(s.desk.alerts.get(`forced:${s.accountId}:BTCUSDT`)).toMatchObject({ severity: 'critical', botId });
    expect(s.bot(botId).state).toBe('halted');
  });
});

describe('what a trade was closed by', () => {
  const botIn = (plan = {}) => {
    const s = new Scenario();
    const botId = s.runningBot();
    s.bar([enter('long')], plan);
    s.settle();
    return { s, botId };
  };

  it('[FOUND-30] its longest hold is `time`', () => {
    const { s } = botIn({ maxHoldMs: 60_000 });
    s.tick(61_000);
    s.settle();
    expect(lastExit(s)).toBe('time');
  });

  it('[FOUND-30] a stop that cannot be had is `stop_failed`', () => {
    const s = new Scenario({ attachedStop: false });
    s.command(s.orderByHand({ stopPrice: dec('19500') }));
    s.fillNow(s.order('manual'));
    s.deliver();
    s.reject(s.order('stop'), 'other');
    s.settle();
    expect(lastExit(s)).toBe('stop_failed');
  });

  it('[FOUND-30] its strategy is `signal`', () => {
    const { s } = botIn();
    s.bar([exit('long')]);
    s.settle();
    expect(lastExit(s)).toBe('signal');
  });

  it('[FOUND-30] something else with the same keys is `foreign`', () => {
    const s = byHand();
    byVenue(s, 'order', '0.1');
    s.readLater();
    expect(lastExit(s)).toBe('foreign');
  });
});
