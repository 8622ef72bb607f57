import { describe, expect, it } from 'vitest';
import { ALERT_KINDS, type AlertCode } from '../../shared/domain/alert.ts';
import { add, dec } from '../../shared/domain/decimal.ts';
import { enter, exit } from '../testing/core/samples.ts';
import { APART_MS, Scenario } from '../testing/core/scenario.ts';
import { isNews } from './turn/alerts.ts';

type ConditionCode = {
  [C in AlertCode]: (typeof ALERT_KINDS)[C]['stands'] extends 'news' ? never : C;
}[AlertCode];

/** How it comes to be so, and how that ends. */
interface Course {
  begins(): Scenario;
  ends(s: Scenario): unknown;
}

const SYMBOL = 'BTCUSDT';
const of = (s: Scenario) => ({ accountId: s.accountId, symbol: SYMBOL });
const setStop = (s: Scenario, triggerPrice: string) =>
  s.command({ type: 'SetStop', ...of(s), triggerPrice: dec(triggerPrice) });

function flattened(s: Scenario): void {
  for (let round = 0; round < 5 && !s.isFlat; round += 1) {
    s.settle();
    s.tick(11_000);
  }
  expect(s.isFlat).toBe(true);
}

/** A bot whose position has no stop yet: the venue takes none with the entry. */
function unstopped(): Scenario {
  const s = new Scenario({ attachedStop: false });
  s.tradingBot();
  return s;
}

/** A position by hand whose close or target the venue does not take. */
function refusedByHand(purpose: 'close' | 'take_profit', attempts: number): Scenario {
  const s = new Scenario();
  s.openByHand(purpose === 'close' ? {} : { takeProfitPrice: dec('21000') });
  if (purpose === 'close') s.command({ type: 'ClosePosition', ...of(s) });
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    s.reject(s.order(purpose), 'tick');
    s.tick(60_000);
  }
  return s;
}

function foreignAdopted(): Scenario {
  const s = new Scenario();
  const ids = { symbol: SYMBOL, side: 'buy', venueOrderId: 'theirs', clientOrderId: null } as const;
  s.venue.execute(ids, dec('0.1'), dec('20000'));
  s.deliver();
  s.readLater();
  s.command({ type: 'ResolveForeign', accountId: s.accountId, decision: 'adopt' });
  return s;
}

function onChangedMarket(status: 'close_only' | 'ended'): Scenario {
  const s = new Scenario();
  s.runningBot();
  s.changeInstrument(SYMBOL, { status });
  s.tick();
  s.settle();
  return s;
}

const stopsBot = (s: Scenario): void => {
  const [bot] = s.desk.bots.values();
  s.command({ type: 'StopBot', botId: String(bot?.botId), positions: 'hold' });
};

const COURSES: Record<ConditionCode, Course> = {
  account_unreachable: {
    begins: () => {
      const s = new Scenario();
      s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'no answer' });
      return s;
    },
    ends: (s) => s.readLater(),
  },
  unprotected: {
    begins: () => {
      const s = unstopped();
      s.reject(s.order('stop'), 'rate_limited');
      s.tick(5_000);
      return s;
    },
    ends: (s) => {
      s.accept(s.order('stop'));
      s.deliver();
    },
  },
  stop_failed: {
    begins: () => {
      const s = unstopped();
      s.reject(s.order('stop'), 'stop_direction');
      return s;
    },
    ends: flattened,
  },
  stop_replace_refused: {
    begins: () => {
      const s = new Scenario();
      s.openByHand();
      setStop(s, '19000');
      s.reject(s.order('stop'), 'other');
      return s;
    },
    ends: (s) => {
      setStop(s, '19000');
      s.settle();
    },
  },
  stop_missing: {
    begins: foreignAdopted,
    ends: (s) => {
      setStop(s, '19000');
      s.settle();
    },
  },
  stop_differs: {
    begins: () => {
      const s = new Scenario();
      s.openByHand({ stopPrice: dec('19500') });
      s.settle();
      // Gone, and nobody said so.
      s.venue.end(String(s.order('stop').venueOrderId), 'cancelled');
      s.venue.pushes = [];
      for (let look = 0; look < 5 && !s.alert('stop_differs'); look += 1) {
        s.readLater();
        s.findAll();
        s.tick();
      }
      return s;
    },
    ends: (s) => {
      for (let round = 0; round < 3; round += 1) {
        s.settle();
        s.tick();
      }
    },
  },
  stop_behind_liquidation: {
    begins: () => {
      const s = new Scenario();
      s.openByHand({ stopPrice: dec('19600') });
      s.settle();
      s.venue.liquidationPrice = dec('19700');
      s.readLater();
      return s;
    },
    ends: (s) => {
      s.venue.liquidationPrice = dec('18000');
      s.readLater();
    },
  },
  close_refused: { begins: () => refusedByHand('close', 1), ends: flattened },
  exit_refused: {
    begins: () => {
      const s = new Scenario();
      s.tradingBot();
      s.bar([exit('long', '1', 'signal')]);
      for (let attempt = 0; attempt < 3; attempt += 1) {
        s.reject(s.order('exit'), 'other');
        s.tick(60_000);
      }
      return s;
    },
    ends: (s) => {
      s.tick(60_000);
      s.fillNow(s.order('exit'));
      s.deliver();
    },
  },
  take_profit_refused: {
    begins: () => refusedByHand('take_profit', 3),
    ends: (s) => {
      s.command({ type: 'SetTakeProfit', ...of(s), price: dec('21500') });
      s.settle();
    },
  },
  ledger_mismatch: {
    begins: () => {
      const s = new Scenario();
      s.venue.balance = add(s.venue.balance, dec('5'));
      s.readLater();
      s.advance(APART_MS);
      s.readLater();
      return s;
    },
    ends: (s) => {
      s.venue.balance = add(s.venue.balance, dec('-5'));
      s.readLater();
    },
  },
  emergency_residual: {
    begins: () => {
      const s = new Scenario();
      s.settings.closeAttempts = 3;
      s.command(s.orderByHand({ type: 'limit', timeInForce: 'gtc', price: dec('19500') }));
      s.accept(s.order('manual'));
      s.deliver();
      s.command({ type: 'EmergencyStop', scope: {} });
      for (let attempt = 0; attempt < 3; attempt += 1) {
        for (const { order } of s.takeAll('CancelOrder')) {
          const answer = { outcome: 'rejected', code: 'permission', message: 'no' } as const;
          s.give({ type: 'OrderAnswered', orderId: order.orderId, action: 'cancel', answer });
        }
        s.findAll();
        s.tick(2_500);
      }
      s.readLater();
      return s;
    },
    ends: (s) => {
      s.tick(60_000);
      s.cancelAll();
      s.tick();
      s.readLater();
    },
  },
  symbol_delisted: { begins: () => onChangedMarket('close_only'), ends: stopsBot },
  market_ended: { begins: () => onChangedMarket('ended'), ends: stopsBot },
  panic: {
    begins: () => {
      const s = new Scenario();
      const panic = { panicId: 'p', accountId: s.accountId, startedAt: 1, closes: [], finished: null };
      s.give({ type: 'PanicFound', accountId: s.accountId, panic });
      return s;
    },
    ends: (s) => s.command({ type: 'ReleaseEmergency', scope: {} }),
  },
};

describe('a condition', () => {
  it('[FOUND-24] has its course below, whichever it is', () => {
    const codes = Object.keys(ALERT_KINDS) as AlertCode[];
    expect(Object.keys(COURSES).sort()).toEqual(codes.filter((code) => !isNews(code)).sort());
  });

  it.each(Object.keys(COURSES) as ConditionCode[])(
    '[FOUND-24] %s stands until its cause ends and cannot be dismissed before, which the refusal says',
    (code) => {
      const { begins, ends } = COURSES[code];
      const s = begins();
      const alert = [...s.desk.alerts.values()].find((raised) => raised.code === code);
      if (alert === undefined) throw new Error(`not raised: ${code}`);
      expect(alert.dismissible).toBe(false);
      const { alertId } = alert;
      const refusal = s.command({ type: 'DismissAlert', alertId });
      const { until } = ALERT_KINDS[code];
      const details = { issues: [{ path: 'args.alertId', allowed: [`once ${until}`] }] };
      expect(refusal).toMatchObject({ ok: false, refusal: { code: 'bad_request', details } });
      expect(refusal.ok ? '' : JSON.stringify(refusal.refusal)).toContain(until);
      expect(s.desk.alerts.has(alertId)).toBe(true);
      ends(s);
      expect(s.alert(code)).toBe(false);
    },
  );
});

describe('alerts', () => {
  it('[FOUND-24] of an account go when it is removed, of a bot when it is deleted', () => {
    const s = new Scenario();
    const other = s.openAccount('second');
    s.give({ type: 'AccountUnreadable', accountId: other, reason: 'no answer' });
    expect(s.alert('account_unreachable')).toBe(true);
    s.command({ type: 'RemoveAccount', accountId: other });
    expect(s.alert('account_unreachable')).toBe(false);
    const botId = s.runningBot();
    s.bar([enter('long')]);
    s.reject(s.order('entry'), 'other');
    expect(s.alert('entry_rejected')).toBe(true);
    s.command({ type: 'StopBot', botId, positions: 'close' });
    s.settle();
    s.readLater();
    expect(s.command({ type: 'DeleteBot', botId })).toMatchObject({ ok: true });
    expect(s.alert('entry_rejected')).toBe(false);
  });
});
