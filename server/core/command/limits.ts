import type { Book, Limits, LimitValues } from '../../../shared/domain/account.ts';
import { outOfRange, rangeText } from '../../../shared/domain/limitRanges.ts';
import { tellDenied } from '../bot/configDenials.ts';
import type { Command, Scope } from '../commands.ts';
import type { AccountState } from '../desk.ts';
import { endsWithDay } from '../risk/breach.ts';
import { accountsOf, bookScopeId, type LimitScope, scopesOver } from '../risk/limitScope.ts';
import { breached } from '../risk/symbolDenials.ts';
import { inForce, UNLIMITED } from '../rules/limitValues.ts';
import { badRequest, denied, versionConflict } from '../rules/refusal.ts';
import { isTimeZone } from '../rules/riskDay.ts';
import { watchScope } from '../settle/watchLimits.ts';
import type { Turn } from '../turn/turn.ts';
import { noSuchAccount } from './accounts.ts';
import { type CommandOutcome, done, refused } from './reply.ts';
import { isSame } from './sameValue.ts';

type SetLimits = Extract<Command, { type: 'SetLimits' }>;

export function setLimits(turn: Turn, command: SetLimits, expected: number | null): CommandOutcome {
  const scope = scopeOf(turn, command);
  if (!('limits' in scope)) return scope;
  const { limits } = scope;
  if (expected !== null && expected !== limits.version) {
    const details = { expected, actual: limits.version };
    return refused(versionConflict(`the limits are at version ${limits.version}, not ${expected}`, details));
  }
  if (command.timeZone !== undefined && !isTimeZone(command.timeZone)) {
    return refused(
      badRequest('args.timeZone', `${command.timeZone} is not an IANA time zone such as Asia/Seoul`),
    );
  }
  const wrong = outOfRange(command.values);
  if (wrong.length > 0) {
    const issues = wrong.map((one) => ({
      path: `args.values.${one.field}`,
      problem: rangeText(one),
      allowed: [one.allowed],
    }));
    return refused({ code: 'bad_request', message: wrong.map(rangeText).join('; '), details: { issues } });
  }
  const asked: LimitValues = { ...(limits.pending ?? limits.values), ...command.values };
  const wanted: Limits = {
    ...limits,
    ...inForce(limits.values, asked),
    ...timeZoneOf(limits, command.timeZone),
  };
  // Those of a book come into being with the first word about them.
  const isStored = command.book === undefined || turn.desk.bookLimits.has(command.book);
  if (isStored && isSame(wanted, limits)) return done({ version: limits.version });
  const next: Limits = { ...wanted, version: limits.version + 1 };
  turn.emit('LimitChanged', { limits: next });
  // Tighter means now: what is beyond it already halts with this command.
  watchScope(turn, { ...scope, limits: next });
  tellDenied(turn, scope.accounts);
  return done({ version: next.version });
}

function scopeOf(turn: Turn, { accountId, book }: SetLimits): LimitScope | CommandOutcome {
  if ((accountId === undefined) === (book === undefined)) {
    return refused(badRequest('args', 'name an accountId or a book, and not both', ['accountId', 'book']));
  }
  if (book !== undefined) {
    return {
      limits: turn.desk.bookLimits.get(book) ?? newBookLimits(turn, book),
      accounts: accountsOf(turn.desk, book),
    };
  }
  const state = turn.desk.accounts.get(accountId ?? '');
  return state === undefined ? noSuchAccount(accountId ?? '') : { limits: state.limits, accounts: [state] };
}

/** Until its owner says otherwise its midnight is that of the book's first account. */
function newBookLimits(turn: Turn, book: Book): Limits {
  const [first] = accountsOf(turn.desk, book);
  return {
    accountId: bookScopeId(book),
    book,
    values: UNLIMITED,
    pending: null,
    timeZone: first?.limits.timeZone ?? 'UTC',
    dayStart: null,
    peakEquity: null,
    breaches: [],
    version: 1,
  };
}

/** Another zone is another midnight: it waits for the present one, or it would be a way to end the day. */
function timeZoneOf(limits: Limits, asked: string | undefined): Partial<Limits> {
  if (asked === undefined) return {};
  if (limits.dayStart === null) return { timeZone: asked };
  return { pendingTimeZone: asked === limits.timeZone ? null : asked };
}

/**
 * Ends what is released by hand: a drawdown is measured anew from here, stop-outs are counted anew. A daily loss ends
 * with its day only. Limits of a book are released with the whole book.
 */
export function releaseBreaches(turn: Turn, scope: Scope, accounts: readonly AccountState[]): void {
  for (const { limits, accounts: members } of releasable(turn, scope, accounts)) {
    const breaches = limits.breaches.filter(endsWithDay);
    if (breaches.length === limits.breaches.length) continue;
    const ended = limits.breaches.filter((breach) => !endsWithDay(breach)).map(({ limit }) => limit);
    // One may have been told to have fired later than it is now.
    const times = members.flatMap(({ account, stopOuts }) => [
      turn.context.marketTime(account.venue),
      ...stopOuts,
    ]);
    const anew = {
      ...(ended.includes('drawdown') ? { peakEquity: null } : {}),
      ...(ended.includes('stop_outs') ? { stopOutsSince: Math.max(0, ...times) } : {}),
    };
    turn.emit('LimitChanged', { limits: { ...limits, ...anew, breaches } });
  }
}

/** The breach of a daily loss that a release cannot end, when it is all there is to release. */
export function unreleasable(
  turn: Turn,
  scope: Scope,
  accounts: readonly AccountState[],
): CommandOutcome | undefined {
  const broken = releasable(turn, scope, accounts).flatMap((one) =>
    one.limits.breaches.map((breach) => ({ breach, denial: breached(one, breach) })),
  );
  const isLatched = accounts.some(({ account }) => account.latch !== null);
  if (isLatched || broken.length === 0 || !broken.every(({ breach }) => endsWithDay(breach)))
    return undefined;
  return refused(denied(broken.map(({ denial }) => denial)));
}

function releasable(turn: Turn, scope: Scope, accounts: readonly AccountState[]): LimitScope[] {
  const scopes = accounts.flatMap((state) => scopesOver(turn.desk, state));
  const found = new Map<string, LimitScope>();
  for (const one of scopes) {
    if (one.limits.book === undefined || scope.accountId === undefined) found.set(one.limits.accountId, one);
  }
  return [...found.values()];
}
