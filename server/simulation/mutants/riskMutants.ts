import type { Limits } from '../../../shared/domain/account.ts';
import type { Quote } from '../../../shared/domain/market.ts';
import type { Context } from '../../core/context.ts';
import type { AccountState, Desk } from '../../core/desk.ts';
import type { Sabotage } from '../sabotage.ts';
import { afterwards, beforehand, type Mutant, seeing } from './mutant.ts';

/** Looks with these limits off, and forgets that it did. */
function overlooking(which: (desk: Desk, context: Context, accounts: AccountState[]) => boolean): Sabotage {
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
        if (!which(desk, context, [state])) continue;
        const doctored = off(limits);
        state.limits = doctored;
        undo.push(() => {
          if (state.limits === doctored) state.limits = limits;
        });
      }
      for (const [book, limits] of desk.bookLimits) {
        const ofBook = states.filter(({ account }) => account.book === book);
        if (!which(desk, context, ofBook)) continue;
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
    name: 'limits-go-blind',
    breaks: 'one account that cannot be read, or one price that is missing, switches off the limits over it',
    caughtBy: ['RISK'],
    sabotage: () =>
      overlooking((desk, context, accounts) =>
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
