import { ENGINE } from '../../../shared/domain/actor.ts';
import { ZERO } from '../../../shared/domain/decimal.ts';
import { isOpen } from '../../../shared/domain/order.ts';
import { Turn } from '../../core/turn/turn.ts';
import { beforehand, booking, joined, type Mutant } from './mutant.ts';
import { NOTHING } from './nothing.ts';

const withoutFee = booking({ fill: (fill) => ({ ...fill, fee: ZERO }) });

/** Fills are the truth: what the books make of them. */
export const BOOK_MUTANTS: readonly Mutant[] = [
  {
    name: 'fill-booked-twice',
    breaks: 'a fill that is told twice counts twice',
    caughtBy: ['INV-9'],
    sabotage: () => ({
      decide: (core, desk, input, context) => {
        const decision = core(desk, input, context);
        if (input.type !== 'VenueFillSeen' || decision.events.length === 0) return decision;
        const again = { ...input, fill: { ...input.fill, fillId: `${input.fill.fillId}again` } };
        return joined(decision, core(desk, again, context));
      },
    }),
  },
  {
    name: 'fee-ignored',
    breaks: 'fees are not booked',
    caughtBy: ['INV-9'],
    sabotage: () => withoutFee,
  },
  {
    name: 'funding-ignored',
    breaks: 'funding is not booked',
    caughtBy: ['INV-9'],
    sabotage: () => booking({ bill: (bill) => (bill.kind === 'funding' ? undefined : bill) }),
  },
  {
    name: 'ledger-difference-absorbed',
    breaks: 'the balance is set to the venue’s where the books do not explain it',
    caughtBy: ['INV-9'],
    sabotage: () => {
      const absorb = beforehand((turn, input) => {
        if (input.type !== 'AccountRead') return;
        const account = turn.desk.accounts.get(input.accountId)?.account;
        const { balances } = input.state;
        if (account !== undefined && account.balances.USDT !== balances.USDT)
          turn.emit('BalanceChanged', { account: { ...account, balances }, bill: null, cursor: null });
      });
      return {
        decide: (core, desk, input, context) =>
          withoutFee.decide?.(
            (...inner) => absorb.decide?.(core, ...inner) ?? NOTHING,
            desk,
            input,
            context,
          ) ?? NOTHING,
      };
    },
  },
  {
    name: 'late-fill-after-cancel-ignored',
    breaks: 'a fill of an order that counts as cancelled is dropped',
    caughtBy: ['INV-9'],
    sabotage: () =>
      booking({
        fill: (fill, desk) => {
          const order = fill.clientOrderId === null ? undefined : desk.orders.get(fill.clientOrderId);
          const isLate = order !== undefined && (!isOpen(order) || order.cancelRequested);
          return isLate ? undefined : fill;
        },
      }),
  },
  {
    name: 'missed-fills-not-read',
    breaks: 'a fill whose push was lost is never fetched',
    caughtBy: ['INV-9'],
    sabotage: () => ({
      decide: (core, desk, input, context) =>
        core(desk, input.type === 'AccountRead' ? { ...input, fills: [] } : input, context),
    }),
  },
  {
    name: 'ready-before-positions-are-compared',
    breaks: 'an account is ready as soon as the venue has answered a reading, whatever is in it',
    caughtBy: ['READY'],
    sabotage: () => ({
      often: ['push_dropped', 'disconnect'],
      decide: (core, desk, input, context) => {
        const state = input.type === 'AccountRead' ? desk.accounts.get(input.accountId) : undefined;
        if (state === undefined || state.reconciledAt === null || state.account.status === 'ready')
          return core(desk, input, context);
        const turn = new Turn(desk, context, ENGINE, 'mutant');
        turn.emit('AccountChanged', { account: { ...state.account, status: 'ready', statusReason: null } });
        return { events: turn.events, effects: turn.effects, outcome: null };
      },
    }),
  },
  {
    name: 'silent-read-blocks-all-later-ones',
    breaks: 'a read that is never answered is waited for, and nothing is read any more',
    caughtBy: ['REST', 'INV-5', 'INV-9', 'FLAT', 'TIME'],
    sabotage: () => ({ often: ['read_silent'], waitsForReads: true }),
  },
  {
    name: 'orders-of-the-venue-not-compared',
    breaks: 'what works at the venue and not here is not noticed',
    caughtBy: ['INV-9', 'INV-5'],
    sabotage: () => ({
      decide: (core, desk, input, context) => {
        if (input.type === 'VenueOrderSeen') return { ...NOTHING };
        if (input.type !== 'AccountRead') return core(desk, input, context);
        return core(desk, { ...input, state: { ...input.state, orders: [] } }, context);
      },
    }),
  },
];
