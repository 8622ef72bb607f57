import type { Account } from '../../../shared/domain/account.ts';
import type { Emergency } from '../../../shared/domain/alert.ts';
import type { Order } from '../../../shared/domain/order.ts';
import { askForProof, type FlatProof } from '../ask/flatProof.ts';
import { readAccount } from '../ask/readAccount.ts';
import { haltBot } from '../botState/botState.ts';
import { type AccountState, type Desk, openOrders, positionsOf } from '../desk.ts';
import { persistentCancelRefusal } from '../order/cancelRefused.ts';
import { flatten } from '../order/flatten.ts';
import { requestCancel } from '../order/submit.ts';
import type { Turn } from '../turn/turn.ts';
import { followResidual } from './followResidual.ts';
import { giveReceipt, openRows, progressOf, reportStage } from './receipt.ts';
import { isStray, refusalsOf } from './refusals.ts';

/** Latches everything in scope at once; what is open is then closed step by step. */
export function startEmergency(turn: Turn, emergencyId: string, accounts: AccountState[]): void {
  for (const state of accounts) latchForEmergency(turn, state);
  const accountIds = accounts.map((state) => state.account.accountId);
  const emergency: Emergency = {
    emergencyId,
    accountIds,
    by: turn.by.kind,
    deviceId: turn.by.kind === 'user' ? turn.by.deviceId : null,
    stage: 'latched',
    startedAt: turn.wallTime,
    finishedAt: null,
    found: accountIds.flatMap((accountId) => openRows(turn, accountId)),
    closed: [],
    confirmed: [],
    ordersCancelled: 0,
    cancelled: [],
    residual: [],
  };
  turn.emit('EmergencyStage', { emergency: { ...emergency, progress: progressOf(turn, emergency) } });
  // The venue may hold more than we know of.
  for (const state of accounts) readAccount(turn, state);
  advanceEmergencies(turn, null);
}

/** No entry from here on; an administrator's latch is an administrator's to release. */
export function latchForEmergency(turn: Turn, state: AccountState): void {
  const { account } = state;
  const isAdmin = turn.by.kind === 'admin';
  if (account.latch === null || (isAdmin && account.latch.by !== 'admin')) {
    const latch = isAdmin ? latchByAdmin(turn) : { reason: 'emergency' as const, since: turn.wallTime };
    turn.emit('AccountChanged', { account: { ...account, latch, version: account.version + 1 } });
  }
  for (const bot of [...turn.desk.bots.values()]) {
    if (bot.accountId === account.accountId)
      haltBot(turn, bot.botId, { code: 'emergency', figures: {} }, true);
  }
}

function latchByAdmin(turn: Turn): NonNullable<Account['latch']> {
  return { reason: 'emergency_by_admin', since: turn.wallTime, by: 'admin' };
}

/** An administrator stops whose desk it is, not only the accounts that are there. */
export function latchDesk(turn: Turn): void {
  if (turn.by.kind === 'admin' && turn.desk.latch === null)
    turn.emit('DeskLatched', { latch: latchByAdmin(turn) });
}

/**
 * What a new account is born with, so that opening one passes no stop: an administrator's latch, or the one that holds for
 * every other account of the desk.
 */
export function latchAtBirth(desk: Desk): Account['latch'] {
  const latches = [...desk.accounts.values()].map(({ account }) => account.latch);
  const byAdmin = desk.latch ?? latches.find((latch) => latch?.by === 'admin');
  if (byAdmin != null) return byAdmin;
  return latches.every((latch) => latch !== null) ? (latches[0] ?? null) : null;
}

/** Brings every unfinished emergency one step on. `proof`: what a venue just confirmed to be flat. */
export function advanceEmergencies(turn: Turn, proof: FlatProof | null): void {
  for (const emergency of [...turn.desk.emergencies.values()]) {
    if (emergency.stage === 'done') followResidual(turn, emergency, proof);
    else advance(turn, emergency, proof);
  }
}

function advance(turn: Turn, emergency: Emergency, proof: FlatProof | null): void {
  let reached: Emergency['stage'] = 'done';
  const residual: Emergency['residual'] = [];
  for (const accountId of emergency.accountIds) {
    const state = turn.desk.accounts.get(accountId);
    const stage = state === undefined ? 'done' : advanceAccount(turn, emergency, state, residual);
    if (ORDER.indexOf(stage) < ORDER.indexOf(reached)) reached = stage;
  }
  const current = turn.desk.emergencies.get(emergency.emergencyId);
  if (current === undefined || current.stage === 'done') return;
  // Our books saying flat is not enough: each account's venue must, after the last thing we did there.
  const proven = proof?.accountFlat === true ? [proof.accountId] : [];
  const refused = new Set(residual.map((row) => row.accountId));
  // Removed means that it was flat.
  const confirmed = current.accountIds.filter(
    (id) =>
      !refused.has(id) &&
      (proven.includes(id) || current.confirmed.includes(id) || !turn.desk.accounts.has(id)),
  );
  const mayFill = current.accountIds.filter((id) => ordersOf(residual, id).length > 0);
  const refusing = mayFill.filter(
    (id) => current.refusing?.includes(id) === true || showsWhatStays(residual, id, proof),
  );
  const isProven = (id: string) =>
    mayFill.includes(id) ? refusing.includes(id) : refused.has(id) || confirmed.includes(id);
  const unconfirmed = current.accountIds.filter((id) => !isProven(id));
  if (reached === 'done' && unconfirmed.length > 0) {
    reached = 'verifying';
    for (const accountId of unconfirmed) {
      const state = turn.desk.accounts.get(accountId);
      if (state !== undefined) askForProof(turn, state);
    }
  }
  // What was flat and is not any more has to be confirmed anew.
  const isOpenAgain = reached === 'closing' || reached === 'cancelling';
  // The venue may turn out to hold more than we knew of when it began.
  const isNew = (row: Emergency['found'][number]) =>
    !current.found.some((known) => known.accountId === row.accountId && known.symbol === row.symbol);
  const found = [...current.found, ...current.accountIds.flatMap((id) => openRows(turn, id)).filter(isNew)];
  const next: Emergency = {
    ...current,
    found,
    confirmed: isOpenAgain ? [] : confirmed,
    ...(refusing.length > 0 ? { refusing: isOpenAgain ? [] : refusing } : null),
  };
  if (reached === 'done') giveReceipt(turn, next, residual);
  else reportStage(turn, next, reached);
}

const ordersOf = (residual: Emergency['residual'], id: string): string[] =>
  residual.flatMap(({ accountId, orderId }) => (accountId === id && orderId !== undefined ? [orderId] : []));

/** Whether the venue, just read, shows each order of this account that is to stay; what else it held is in the books by now. */
function showsWhatStays(residual: Emergency['residual'], id: string, proof: FlatProof | null): boolean {
  const orders = ordersOf(residual, id);
  return proof?.accountId === id && orders.every((orderId) => proof.working.has(orderId));
}

const ORDER: readonly Emergency['stage'][] = [
  'latched',
  'cancelling',
  'closing',
  'cleaning',
  'verifying',
  'done',
];

/**
 * One account: entries and resting exits go, positions are closed under their stops, the stops go last. `done` also with
 * what the venue persistently refuses to close or cancel and nothing else, which is added to `residual`; its stops stay.
 */
function advanceAccount(
  turn: Turn,
  emergency: Emergency,
  state: AccountState,
  residual: Emergency['residual'],
): Emergency['stage'] {
  const { accountId } = state.account;
  for (const order of [...openOrders(turn.desk, accountId)]) {
    if (order.purpose !== 'stop' && order.purpose !== 'close') requestCancel(turn, state, order);
  }
  const positions = positionsOf(turn.desk, accountId);
  if (positions.length > 0) {
    cancelStrays(turn, state);
    const refusals = refusalsOf(turn, state);
    if (refusals !== undefined) {
      residual.push(...refusals);
      return 'done';
    }
    for (const { symbol } of positions) flatten(turn, state, symbol, 'emergency');
    return isCancelling(turn, emergency, accountId) ? 'cancelling' : 'closing';
  }
  const working = [...openOrders(turn.desk, accountId)];
  const isStuck = (order: Order) => persistentCancelRefusal(turn, order) !== undefined;
  if (working.some((order) => order.purpose !== 'stop' && !isStuck(order))) return 'cancelling';
  cancelStrays(turn, state);
  if (working.length === 0) return 'done';
  const refusals = refusalsOf(turn, state);
  if (refusals === undefined || refusals.length === 0) return 'cleaning';
  residual.push(...refusals);
  return 'done';
}

/** Stops of flat symbols, whoever placed them. */
function cancelStrays(turn: Turn, state: AccountState): void {
  const working = [...openOrders(turn.desk, state.account.accountId)];
  for (const order of working) if (isStray(turn, state, order, working)) requestCancel(turn, state, order);
}

/** Nothing is being closed yet, since what freezes the size to close is still being cancelled. */
function isCancelling(turn: Turn, emergency: Emergency, accountId: string): boolean {
  const current = turn.desk.emergencies.get(emergency.emergencyId);
  if (current === undefined || current.closed.some((row) => row.accountId === accountId)) return false;
  const working = [...openOrders(turn.desk, accountId)].map((order) => order.purpose);
  return !working.includes('close') && working.some((purpose) => purpose !== 'stop');
}
