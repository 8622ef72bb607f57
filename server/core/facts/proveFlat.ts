import { isZero } from '../../../shared/domain/decimal.ts';
import { isOpen, type Order } from '../../../shared/domain/order.ts';
import type { FlatProof } from '../ask/flatProof.ts';
import { forgetNote, forgetOthers, isShownAgain, OF_FLAT } from '../ask/shownAgain.ts';
import { type AccountState, isUnderWay, positionOf } from '../desk.ts';
import type { InputOf } from '../inputs.ts';
import { isSince } from '../turn/age.ts';
import type { Turn } from '../turn/turn.ts';
import { ownOrder } from './pushes.ts';

/** What somebody waits for to be proven: of one symbol, or of the whole account. */
interface Claim {
  kind: 'bots' | 'orders' | 'position' | 'account';
  symbol: string;
}

/** What one reading shows to be open, and what of ours works or was changed since it began. */
interface Shown {
  /** Symbols with a position of a bot; with one of anybody. */
  botsHold: Set<string>;
  held: Set<string>;
  /** Symbols with an order of a bot. */
  botsWork: Set<string>;
  isEmpty: boolean;
  working: Set<string>;
}

/**
 * What the venue showed, in two readings apart, to be free of positions and orders, both begun after the last thing we did
 * there: one alone may be of a moment before, or have missed what is there. Only what is waited for is looked at.
 */
export function proveFlat(turn: Turn, state: AccountState, read: InputOf<'AccountRead'>): FlatProof {
  const { accountId } = state.account;
  const shown = showing(turn, state, read);
  const standing = new Set<string>();
  const proven: Claim[] = [];
  for (const claim of claimsOf(turn, accountId)) {
    if (!holds(claim, shown)) continue;
    const subject = `${OF_FLAT}${claim.kind}:${claim.symbol}`;
    standing.add(subject);
    const before = state.noted.get(subject);
    if (before !== undefined && hasActed(turn, accountId, claim, before.at)) forgetNote(turn, state, subject);
    if (isShownAgain(turn, state, subject, '', read.startedAt)) proven.push(claim);
  }
  forgetOthers(turn, state, OF_FLAT, standing);
  const ofKind = (kind: Claim['kind']): Set<string> =>
    new Set(proven.filter((claim) => claim.kind === kind).map(({ symbol }) => symbol));
  return {
    accountId,
    symbols: ofKind('bots'),
    withoutOrders: ofKind('orders'),
    withoutPosition: ofKind('position'),
    accountFlat: proven.some(({ kind }) => kind === 'account'),
    working: shown.working,
  };
}

function claimsOf(turn: Turn, accountId: string): Claim[] {
  const claims: Claim[] = [];
  for (const { accountId: of, symbol, closing, state } of turn.desk.bots.values()) {
    if (of !== accountId || (!closing && state !== 'holding')) continue;
    claims.push({ kind: 'bots', symbol }, { kind: 'orders', symbol });
  }
  for (const emergency of turn.desk.emergencies.values()) {
    if (!isUnderWay(emergency)) continue;
    if (emergency.stage !== 'done' && emergency.accountIds.includes(accountId))
      claims.push({ kind: 'account', symbol: '' });
    for (const row of emergency.residual)
      if (row.accountId === accountId && row.closedAt === undefined)
        claims.push({ kind: 'position', symbol: row.symbol });
  }
  return claims;
}

function holds({ kind, symbol }: Claim, { botsHold, held, botsWork, isEmpty }: Shown): boolean {
  if (kind === 'account') return isEmpty;
  if (kind === 'position') return !held.has(symbol);
  return !botsWork.has(symbol) && (kind === 'orders' || !botsHold.has(symbol));
}

/** Whether anything that the claim is about was changed after `at`. */
function hasActed(turn: Turn, accountId: string, { kind, symbol }: Claim, at: number): boolean {
  for (const order of turn.desk.orders.values()) {
    if (order.accountId !== accountId || (kind !== 'account' && order.symbol !== symbol)) continue;
    if (
      isSince(turn, order.updatedAt, at + 1) &&
      (kind === 'account' || kind === 'position' || isOfBot(order))
    )
      return true;
  }
  return false;
}

function showing(turn: Turn, state: AccountState, read: InputOf<'AccountRead'>): Shown {
  const { accountId } = state.account;
  const shown: Shown = {
    botsHold: new Set(),
    held: new Set(),
    botsWork: new Set(),
    isEmpty: true,
    working: new Set(),
  };
  const isLater = (order: Order): boolean => isSince(turn, order.updatedAt, read.startedAt + 1);
  for (const { symbol, size } of read.state.positions) {
    if (isZero(size)) continue;
    shown.isEmpty = false;
    shown.held.add(symbol);
    if (positionOf(turn.desk, accountId, symbol)?.botId !== null) shown.botsHold.add(symbol);
  }
  for (const seen of read.state.orders) {
    const order = ownOrder(turn, state, seen);
    shown.isEmpty = false;
    if (order === undefined || isOfBot(order)) shown.botsWork.add(seen.symbol);
    if (order !== undefined && !isLater(order)) shown.working.add(order.orderId);
  }
  for (const order of turn.desk.orders.values()) {
    if (order.accountId !== accountId || (!isOpen(order) && !isLater(order))) continue;
    shown.isEmpty = false;
    if (isOfBot(order)) shown.botsWork.add(order.symbol);
  }
  return shown;
}

/** Entries by hand, and what is foreign, do not keep a bot from being flat; exits may be its own. */
const isOfBot = (order: Order): boolean =>
  order.botId !== null || (order.reduceOnly && order.foreign !== true);
