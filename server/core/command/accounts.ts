import type { Account } from '../../../shared/domain/account.ts';
import { because } from '../../../shared/domain/cause.ts';
import { type Decimal, gt, isPositive } from '../../../shared/domain/decimal.ts';
import type { Denial } from '../../../shared/domain/denial.ts';
import { connectAccount } from '../ask/connectAccount.ts';
import { isInDoubt } from '../ask/shownAgain.ts';
import type { Command } from '../commands.ts';
import { type AccountState, openOrders, positionsOf } from '../desk.ts';
import { latchAtBirth } from '../emergency/emergency.ts';
import { stopOutsNow } from '../risk/breach.ts';
import { dayTime } from '../risk/dayTime.ts';
import { accountsOf } from '../risk/limitScope.ts';
import { breached } from '../risk/symbolDenials.ts';
import { leaveBook } from '../risk/transfers.ts';
import { DEFAULT_LIMITS } from '../rules/limitValues.ts';
import { badRequest, denial, denied, notFound, versionConflict } from '../rules/refusal.ts';
import { resolveAlertsOfAccount } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { type CommandOutcome, done, refused } from './reply.ts';
import { isSame } from './sameValue.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;

/** Largest deposit of a simulated account. */
const MAX_DEPOSIT = '1000000000' as Decimal;

export function noSuchAccount(accountId: string): CommandOutcome {
  return refused(notFound(`there is no account ${accountId}`, { what: 'account', id: accountId }));
}

export function openAccount(turn: Turn, accountId: string, command: Of<'CreateAccount'>): void {
  const facts = turn.context.venue(command.venue);
  const account: Account = {
    accountId,
    name: command.name,
    venue: command.venue,
    book: facts?.simulated === false ? 'live' : 'simulated',
    leverage: command.leverage,
    marginMode: command.marginMode,
    status: 'connecting',
    statusReason: null,
    latch: latchAtBirth(turn.desk),
    foreign: null,
    balances: {},
    deposit: command.deposit,
    version: 1,
    createdAt: turn.wallTime,
  };
  turn.emit('AccountChanged', { account });
  const state = turn.desk.accounts.get(accountId);
  if (state === undefined) return;
  turn.emit('LimitChanged', { limits: { ...state.limits, values: DEFAULT_LIMITS } });
  connectAccount(turn, state, false);
}

export function createAccount(turn: Turn, command: Of<'CreateAccount'>): CommandOutcome {
  const { settings } = turn.context;
  if (turn.context.venue(command.venue) === undefined) {
    return refused(notFound(`there is no venue ${command.venue}`, { what: 'venue', id: command.venue }));
  }
  if (!isPositive(command.deposit) || gt(command.deposit, MAX_DEPOSIT)) {
    return refused(
      badRequest('args.deposit', `deposit must be above 0 and at most ${MAX_DEPOSIT}`, [
        `above 0, to ${MAX_DEPOSIT}`,
      ]),
    );
  }
  if (turn.desk.accounts.size >= settings.maxAccountsPerDesk) {
    return refused(badRequest('', `at most ${settings.maxAccountsPerDesk} accounts`));
  }
  if ([...turn.desk.accounts.values()].some((state) => state.account.name === command.name)) {
    return refused(
      badRequest('args.name', `an account named ${command.name} exists already`, ['a name of its own']),
    );
  }
  const accountId = turn.id('account', turn.desk.seq);
  openAccount(turn, accountId, command);
  return done({ accountId });
}

export function updateAccount(
  turn: Turn,
  command: Of<'UpdateAccount'>,
  expected: number | null,
): CommandOutcome {
  const state = turn.desk.accounts.get(command.accountId);
  if (state === undefined) return noSuchAccount(command.accountId);
  const { account } = state;
  if (expected !== null && expected !== account.version) {
    const details = { expected, actual: account.version };
    return refused(versionConflict(`the account is at version ${account.version}, not ${expected}`, details));
  }
  const next: Account = {
    ...account,
    name: command.name ?? account.name,
    leverage: command.leverage ?? account.leverage,
    marginMode: command.marginMode ?? account.marginMode,
  };
  if (isSame(next, account)) return done({ version: account.version });
  const version = account.version + 1;
  turn.emit('AccountChanged', { account: { ...next, version } });
  return done({ version });
}

/** Why an account is not idle; undefined: nothing is open and no bot runs. */
export function busyReason(turn: Turn, state: AccountState): string | undefined {
  const { accountId } = state.account;
  if (positionsOf(turn.desk, accountId).length > 0) return 'it has an open position';
  if (!openOrders(turn.desk, accountId).next().done) return 'it has working orders';
  if (isInDoubt(state)) return 'its venue showed what is not in its books, and is asked again';
  const bot = [...turn.desk.bots.values()].find(
    (b) => b.accountId === accountId && b.state !== 'stopped' && b.state !== 'error',
  );
  return bot === undefined ? undefined : `bot ${bot.name} is ${bot.state}`;
}

export function resetAccount(turn: Turn, command: Of<'ResetAccount'>): CommandOutcome {
  const state = turn.desk.accounts.get(command.accountId);
  if (state === undefined) return noSuchAccount(command.accountId);
  const busy = busyReason(turn, state);
  if (busy !== undefined)
    return refused(badRequest('args.accountId', `only a flat account can be reset: ${busy}`));
  if (state.account.book !== 'simulated')
    return refused(badRequest('args.accountId', 'only a simulated account can be reset'));
  turn.emit('AccountChanged', {
    account: {
      ...state.account,
      status: 'connecting',
      statusReason: because('resetting', {}),
      version: state.account.version + 1,
    },
  });
  turn.emit('LimitChanged', { limits: { ...state.limits, dayStart: null, peakEquity: null, breaches: [] } });
  connectAccount(turn, state, true);
  return done();
}

/**
 * What would be gone with the account before its own end: another one opened in its place would be free of it. Its owner's
 * own latch is the owner's to end.
 */
function restrictionsOf(turn: Turn, state: AccountState): Denial[] {
  const { account, limits } = state;
  const found: Denial[] = [];
  if (account.latch?.by === 'admin') found.push(denial('account_latched', { latch: account.latch.reason }));
  for (const breach of limits.breaches) found.push(breached({ limits, accounts: [state] }, breach));
  const ofBook = turn.desk.bookLimits.get(account.book);
  if (ofBook === undefined) return found;
  // Gone with the account, they would be forgotten by the guard over its book.
  const ofAll = { limits: ofBook, accounts: accountsOf(turn.desk, account.book) };
  const now = dayTime(ofAll, turn.context) ?? turn.context.marketTime(account.venue);
  const { counted, windowMs } = stopOutsNow({ limits: ofBook, accounts: [state] }, now);
  if (ofBook.values.maxStopOuts != null && counted > 0)
    found.push(denial('stop_outs_counted', { count: counted, within: windowMs }));
  return found;
}

export function removeAccount(turn: Turn, command: Of<'RemoveAccount'>): CommandOutcome {
  const state = turn.desk.accounts.get(command.accountId);
  if (state === undefined) return noSuchAccount(command.accountId);
  const bots = [...turn.desk.bots.values()].filter((bot) => bot.accountId === command.accountId);
  const busy = busyReason(turn, state) ?? (bots.length > 0 ? `${bots.length} bots belong to it` : undefined);
  if (busy !== undefined)
    return refused(badRequest('args.accountId', `the account cannot be removed: ${busy}`));
  const restrictions = restrictionsOf(turn, state);
  if (restrictions.length > 0) return refused(denied(restrictions));
  leaveBook(turn, state);
  resolveAlertsOfAccount(turn, command.accountId);
  turn.emit('AccountChanged', {
    account: { ...state.account, status: 'removed', version: state.account.version + 1 },
  });
  return done();
}
