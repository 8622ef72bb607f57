import type { Limits } from '../../../shared/domain/account.ts';
import { mul } from '../../../shared/domain/decimal.ts';
import type { Quote } from '../../../shared/domain/market.ts';
import type { Context } from '../../core/context.ts';
import type { AccountState, Desk } from '../../core/desk.ts';
import type { Sabotage } from '../sabotage.ts';
import { afterwards, beforehand, type Mutant, seeing } from './mutant.ts';

const HOUR_MS = 3_600_000;

/** Looks with these limits off, and forgets that it did. */
function overlooking(
  which: (limits: Limits, desk: Desk, context: Context, accounts: AccountState[]) => boolean,
): Sabotage {
  const off = (limits: Limits): Limits => ({
    ...limits,
    values: { ...limits.values, dailyLoss: null, drawdownPct: null, maxStopOuts: null },
  });
  return {
    decide: (core, desk, input, context) => {
      if (input.type !== 'Tick') return core(desk, input, context);
      const states = [...desk.accounts.values()];
      const undo: (() => void)[] = [];
      for (const state of states) {
        const { limits } = state;
        if (!which(limits, desk, context, [state])) continue;
        const doctored = off(limits);
        state.limits = doctored;
        undo.push(() => {
          if (state.limits === doctored) state.limits = limits;
        });
      }
      for (const [book, limits] of desk.bookLimits) {
        const ofBook = states.filter(({ account }) => account.book === book);
        if (!which(limits, desk, context, ofBook)) continue;
        const doctored = off(limits);
        desk.bookLimits.set(book, doctored);
        undo.push(() => {
          if (desk.bookLimits.get(book) === doctored) desk.bookLimits.set(book, limits);
        });
      }
      const decision = core(desk, input, context);
      for (const step of undo) step();
      return decision;
    },
  };
}

/** Latches, limits and blindness: when no entry may leave. */
export const RISK_MUTANTS: readonly Mutant[] = [
  {
    name: 'entry-after-latch',
    breaks: 'entries are decided and sent although the account is latched',
    caughtBy: ['INV-8'],
    sabotage: () => ({
      sendsWithdrawn: true,
      decide: (core, desk, input, context) => {
        if (input.type !== 'Command' || input.command.type !== 'SubmitOrder')
          return core(desk, input, context);
        const hidden = [...desk.accounts.values()].map((state) => ({ state, account: state.account }));
        for (const { state } of hidden) state.account = { ...state.account, latch: null };
        const doctored = new Map(hidden.map(({ state }) => [state, state.account]));
        const decision = core(desk, input, context);
        for (const { state, account } of hidden)
          if (state.account === doctored.get(state)) state.account = account;
        return decision;
      },
    }),
  },
  {
    name: 'withdrawn-entry-sent',
    breaks: 'an entry leaves that was decided before the latch and committed after it',
    caughtBy: ['INV-8'],
    sabotage: () => ({ sendsWithdrawn: true }),
  },
  {
    name: 'latch-released-by-restart',
    breaks: 'a restart lifts the latch of an emergency',
    caughtBy: ['INV-8'],
    sabotage: () =>
      afterwards((turn, input) => {
        if (input.type !== 'Recovered') return;
        for (const { account } of [...turn.desk.accounts.values()])
          if (account.latch !== null) turn.emit('LatchReleased', { account: { ...account, latch: null } });
      }),
  },
  {
    name: 'entry-on-stale-price',
    breaks: 'with the feed gone, the last price is taken for a fresh one',
    caughtBy: ['INV-10'],
    sabotage: () => {
      const last = new Map<string, Quote>();
      return seeing((context) => ({
        ...context,
        wallTime: context.wallTime,
        quote: (venue, symbol) => {
          const quote = context.quote(venue, symbol) ?? last.get(symbol);
          if (quote !== undefined) last.set(symbol, quote);
          return quote;
        },
      }));
    },
  },
  {
    name: 'risk-day-reset-by-restart',
    breaks: 'the baseline of the daily loss begins anew with each restart',
    caughtBy: ['RISK'],
    sabotage: () =>
      beforehand((turn, input) => {
        if (input.type !== 'Recovered') return;
        for (const { limits } of [...turn.desk.accounts.values()])
          if (limits.dayStart !== null) turn.emit('LimitChanged', { limits: { ...limits, dayStart: null } });
      }),
  },
  {
    name: 'breach-forgotten-by-restart',
    breaks: 'a breached limit counts as kept after a restart',
    caughtBy: ['RISK'],
    sabotage: () =>
      beforehand((turn, input) => {
        if (input.type !== 'Recovered') return;
        for (const { limits } of [...turn.desk.accounts.values()])
          if (limits.breaches.length > 0) turn.emit('LimitChanged', { limits: { ...limits, breaches: [] } });
      }),
  },
  {
    name: 'breach-hides-another',
    breaks: 'while one limit is broken no other is looked at',
    caughtBy: ['RISK'],
    sabotage: () => overlooking(({ breaches }) => breaches.length > 0),
  },
  {
    name: 'limits-go-blind',
    breaks: 'one account that cannot be read, or one price that is missing, switches off the limits over it',
    caughtBy: ['RISK'],
    sabotage: () =>
      overlooking((_limits, desk, context, accounts) =>
        accounts.some(
          ({ account }) =>
            account.status !== 'ready' ||
            [...desk.positions.values()].some(
              ({ accountId, symbol }) =>
                accountId === account.accountId && context.quote(account.venue, symbol) === undefined,
            ),
        ),
      ),
  },
  {
    name: 'day-ended-by-a-timestamp',
    breaks: 'one bill that is dated ahead begins a new day',
    caughtBy: ['RISK'],
    sabotage: () =>
      beforehand((turn, input) => {
        if (input.type !== 'VenueBillSeen') return;
        const state = turn.desk.accounts.get(input.accountId);
        if (state === undefined || state.limits.dayStart === null) return;
        if (input.bill.ts < turn.context.marketTime(state.account.venue) + HOUR_MS) return;
        const breaches = state.limits.breaches.filter(({ limit }) => limit !== 'daily_loss');
        const dayStart = { ...state.limits.dayStart, ts: input.bill.ts };
        turn.emit('LimitChanged', { limits: { ...state.limits, dayStart, breaches } });
      }),
  },
  {
    name: 'account-born-free-of-the-stop',
    breaks: 'an account that is opened while all others are stopped trades',
    caughtBy: ['INV-8'],
    sabotage: () => ({
      decide: (core, desk, input, context) => {
        if (input.type !== 'Command' || input.command.type !== 'CreateAccount')
          return core(desk, input, context);
        const known = new Set(desk.accounts.keys());
        const decision = core(desk, input, context);
        for (const state of desk.accounts.values())
          if (!known.has(state.account.accountId)) state.account = { ...state.account, latch: null };
        const events = decision.events.map((event) =>
          event.kind === 'AccountChanged' && !known.has(event.data.account.accountId)
            ? { ...event, data: { account: { ...event.data.account, latch: null } } }
            : event,
        );
        return { ...decision, events };
      },
    }),
  },
  {
    name: 'order-judged-alone',
    breaks: 'an order by hand is judged as if what is open had been entered at the price of now',
    caughtBy: ['INV-6'],
    sabotage: () => ({
      decide: (core, desk, input, context) => {
        if (input.type !== 'Command' || input.command.type !== 'SubmitOrder')
          return core(desk, input, context);
        const open = [...desk.positions].map(([key, position]) => {
          const venue = desk.accounts.get(position.accountId)?.account.venue ?? '';
          const mark = context.quote(venue, position.symbol)?.mark;
          const cost = mark === undefined ? position.cost : mul(position.size, mark);
          return { key, position, doctored: { ...position, cost, liquidationPrice: null } };
        });
        for (const { key, doctored } of open) desk.positions.set(key, doctored);
        const decision = core(desk, input, context);
        for (const { key, position, doctored } of open)
          if (desk.positions.get(key) === doctored) desk.positions.set(key, position);
        return decision;
      },
    }),
  },
  {
    name: 'amendment-not-counted',
    breaks: 'a change of an order on its way counts only once the venue shows it',
    caughtBy: ['EXPOSURE'],
    sabotage: () => ({
      decide: (core, desk, input, context) => {
        if (input.type !== 'Command' || input.command.type !== 'SubmitOrder')
          return core(desk, input, context);
        const changing = [...desk.orders.values()].filter(({ amending }) => amending !== undefined);
        for (const { amending: _, ...order } of changing) desk.orders.set(order.orderId, order);
        const decision = core(desk, input, context);
        for (const order of changing) desk.orders.set(order.orderId, order);
        return decision;
      },
    }),
  },
  {
    name: 'breach-does-not-halt',
    breaks: 'a limit is breached and its bots go on',
    caughtBy: ['HALT'],
    sabotage: () =>
      afterwards((turn, _input, { events }) => {
        if (!events.some((event) => event.kind === 'LimitBreached')) return;
        for (const bot of [...turn.desk.bots.values()])
          if (bot.state === 'halted')
            turn.emit('BotStateChanged', { bot: { ...bot, state: 'running', closing: false } });
      }),
  },
];
