import { because } from '../../../shared/domain/cause.ts';
import type { Effect } from '../../core/effects.ts';
import { notAfter } from '../../core/order/submit.ts';
import { afterwards, type Mutant, sending, submitting } from './mutant.ts';

const isEntry = (effect: Effect): boolean => effect.type === 'PlaceOrder' && !effect.order.reduceOnly;

/** What leaves for the venue: twice, too early, too late or to the wrong address. */
export const SENDING_MUTANTS: readonly Mutant[] = [
  {
    name: 'entry-sent-twice',
    breaks: 'an entry leaves twice under the same id',
    caughtBy: ['INV-4'],
    sabotage: () => sending((effect) => (isEntry(effect) ? [effect, effect] : [effect])),
  },
  {
    name: 'unknown-entry-sent-again',
    breaks: 'an entry whose answer was lost, and that a look-up does not find, is sent again',
    caughtBy: ['INV-4'],
    sabotage: () =>
      afterwards((turn, input) => {
        if (input.type !== 'OrderFound' || input.order !== null) return;
        const order = turn.desk.orders.get(input.orderId);
        const venue = order && turn.desk.accounts.get(order.accountId)?.account.venue;
        if (order?.status !== 'unknown' || order.reduceOnly || venue === undefined) return;
        // Written down anew: as it is, it would be withdrawn when it is due.
        const anew = { ...order, status: 'submitting', notAfter: notAfter(turn, venue) } as const;
        turn.emit('OrderUpdated', { order: anew });
        turn.effect({ type: 'PlaceOrder', venue, order: anew });
      }),
  },
  {
    name: 'unknown-entry-forgotten-at-once',
    breaks: 'an entry whose answer was lost is given up while it may still arrive',
    caughtBy: ['INV-4'],
    sabotage: () =>
      afterwards((turn, _input, { events }) => {
        for (const { kind, data } of events) {
          if (kind !== 'OrderUnknown' || data.order.reduceOnly) continue;
          turn.emit('OrderRejected', {
            order: { ...data.order, status: 'abandoned', reason: because('never_received', {}) },
          });
        }
      }),
  },
  {
    name: 'entry-without-deadline',
    breaks: 'an entry carries no time after which the venue must refuse it',
    caughtBy: ['INV-4'],
    sabotage: () => submitting((order) => (order.reduceOnly ? order : { ...order, notAfter: null })),
  },
  {
    name: 'close-not-reduce-only',
    breaks: 'an order that closes a position may open one',
    caughtBy: ['INV-4'],
    sabotage: () =>
      submitting((order) => (order.purpose === 'close' ? { ...order, reduceOnly: false } : order)),
  },
  {
    name: 'other-size-sent-than-decided',
    breaks: 'what leaves is not what the log says',
    caughtBy: ['INV-1'],
    sabotage: () =>
      sending((effect, desk) => {
        if (effect.type !== 'PlaceOrder' || effect.order.purpose !== 'take_profit') return [effect];
        const held = desk.positions.get(`${effect.order.accountId}:${effect.order.symbol}`);
        return [{ ...effect, order: { ...effect.order, size: held?.size ?? effect.order.size } }];
      }),
  },
  {
    name: 'cancel-never-sent',
    breaks: 'a cancel is written down and never leaves',
    caughtBy: ['REST'],
    sabotage: () => sending((effect) => (effect.type === 'CancelOrder' ? [] : [effect])),
  },
  {
    name: 'queue-sends-what-was-given-up',
    breaks: 'an order leaves its lane however long it waited there',
    caughtBy: ['INV-4'],
    sabotage: () => ({ sendsAfterWait: 'PlaceOrder' }),
  },
  {
    name: 'queue-sends-changes-that-were-given-up',
    breaks: 'a change that waits in its lane leaves it past its time, or after what speaks against it',
    caughtBy: ['INV-4', 'INV-8'],
    sabotage: () => ({ sendsAfterWait: 'AmendOrder', often: ['lane_wait'] }),
  },
  {
    name: 'asks-in-a-loop',
    breaks: 'a look-up that is answered is asked again at once',
    caughtBy: ['PACE'],
    sabotage: () =>
      afterwards((turn, input) => {
        const order = input.type === 'OrderFound' ? turn.desk.orders.get(input.orderId) : undefined;
        const venue = order && turn.desk.accounts.get(order.accountId)?.account.venue;
        if (order !== undefined && venue !== undefined) turn.effect({ type: 'FindOrder', venue, order });
      }),
  },
  {
    name: 'reads-anothers-account',
    breaks: 'one desk asks the venue about the account of another',
    caughtBy: ['INV-11'],
    sabotage: () => {
      const known = new Map<string, string>();
      return sending((effect, desk) => {
        if (effect.type !== 'ReadAccount') return [effect];
        known.set(effect.accountId, desk.deskId);
        const other = [...known].find(([, deskId]) => deskId !== desk.deskId)?.[0];
        return [other === undefined ? effect : { ...effect, accountId: other }];
      });
    },
  },
  {
    name: 'patience-waits-for-the-wall-clock',
    breaks: 'the wall clock is set back, and nothing that waits goes on until it has caught up',
    caughtBy: ['INV-5', 'TIME', 'REST', 'FLAT'],
    sabotage: () => ({ waitsForWallClock: true }),
  },
];
