import { expect, test } from 'vitest';
import { dec } from '../../shared/domain/decimal.ts';
import { enter } from '../testing/core/samples.ts';
import { Scenario } from '../testing/core/scenario.ts';
import { projectionsOf } from './projectionsOf.ts';

test('[LEDGER-18] the history tells a fee in the coin it was paid in', () => {
  const s = new Scenario();
  s.runningBot();
  s.bar([enter('long')]);
  const entry = s.order('entry');
  const id = s.accept(entry);
  s.venue.trade(id, dec('0.01'), dec('20000'), { fee: dec('0.12') });
  s.venue.trade(id, dec('0.01'), dec('20000'), { feeCoin: 'BGB', fee: dec('0.7') });
  s.deliver();
  const fees = projectionsOf(s.events).bills.filter(({ kind }) => kind === 'fee');
  expect(fees.map(({ coin, amount }) => `${amount} ${coin}`)).toEqual(['-0.12 USDT', '-0.7 BGB']);
});
