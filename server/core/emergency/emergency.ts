import type { Emergency } from '../../../shared/domain/alert.ts';
import { add, type Decimal, div, isZero, ZERO } from '../../../shared/domain/decimal.ts';
import type { FlatProof } from '../bot/advanceBot.ts';
import { haltBot } from '../bot/botState.ts';
import { type AccountState, openOrders, symbolKey } from '../desk.ts';
import { flatten } from '../order/flatten.ts';
import { mayLoseStop, requestCancel } from '../order/submit.ts';
import { readAccount } from '../protection/guardPosition.ts';
import { positionsOf } from '../risk/valuation.ts';
import type { Turn } from '../turn.ts';

/** Latches everything in scope at once; what is open is then closed step by step. */
export function startEmergency(turn: Turn, emergencyId: string, accounts: AccountState[]): void {
  for (const state of accounts) {
    if (state.account.latch === null) {
      const latch = { reason: 'emergency stop', since: turn.wallTime };
      turn.emit('AccountChanged', {
        account: { ...state.account, latch, version: state.account.version + 1 },
      });
    }
    for (const bot of [...turn.desk.bots.values()]) {
      if (bot.accountId === state.account.accountId) haltBot(turn, bot.botId, 'emergency stop', true);
    }
  }
  const accountIds = accounts.map((state) => state.account.accountId);
  turn.emit('EmergencyStage', {
    emergency: {
      emergencyId,
      accountIds,
      stage: 'latched',
      startedAt: turn.wallTime,
      finishedAt: null,
      found: accountIds.flatMap((accountId) => openRows(turn, accountId)),
      closed: [],
      confirmed: [],
      ordersCancelled: accountIds.reduce((count, id) => count + [...openOrders(turn.desk, id)].length, 0),
      residual: [],
    },
  });
  // The venue may hold more than we know of.
  for (const state of accounts) readAccount(turn, state);
  advanceEmergencies(turn, null);
}

function openRows(turn: Turn, accountId: string): Emergency['found'] {
  return positionsOf(turn.desk, accountId).map(({ symbol, direction, size, botId }) => ({
    accountId,
    symbol,
    direction,
    size,
    botId,
  }));
}

/** Brings every unfinished emergency one step on. `proof`: what a venue just confirmed to be flat. */
export function advanceEmergencies(turn: Turn, proof: FlatProof | null): void {
  for (const emergency of [...turn.desk.emergencies.values()]) {
    if (emergency.stage !== 'done') advance(turn, emergency, proof);
  }
}

function advance(turn: Turn, emergency: Emergency, proof: FlatProof | null): void {
  let reached: Emergency['stage'] = 'done';
  const residual: Emergency['residual'] = [];
  for (const accountId of emergency.accountIds) {
    const state = turn.desk.accounts.get(accountId);
    const stage = state === undefined ? 'done' : advanceAccount(turn, state, residual);
    if (ORDER.indexOf(stage) < ORDER.indexOf(reached)) reached = stage;
  }
  const current = turn.desk.emergencies.get(emergency.emergencyId);
  if (current === undefined || current.stage === 'done') return;
  // Our books saying flat is not enough: each account's venue must, after the last thing we did there.
  const proven = proof?.accountFlat === true ? [proof.accountId] : [];
  // Removed means that it was flat.
  const confirmed = current.accountIds.filter(
    (id) => proven.includes(id) || current.confirmed.includes(id) || !turn.desk.accounts.has(id),
  );
  if (reached === 'done' && confirmed.length < current.accountIds.length) {
    reached = 'verifying';
    for (const accountId of current.accountIds) {
      const state = turn.desk.accounts.get(accountId);
      // A read that proves nothing was just answered: the next look asks again, not this one at once.
      if (state !== undefined && proof === null && !confirmed.includes(accountId)) readAccount(turn, state);
    }
  }
  // What was flat and is not any more has to be confirmed anew.
  const isOpenAgain = reached === 'closing' || reached === 'cancelling';
  // The venue may turn out to hold more than we knew of when it began.
  const isNew = (row: Emergency['found'][number]) =>
    !current.found.some((known) => known.accountId === row.accountId && known.symbol === row.symbol);
  const found = [...current.found, ...current.accountIds.flatMap((id) => openRows(turn, id)).filter(isNew)];
  report(
    turn,
    { ...current, found, confirmed: isOpenAgain ? [] : confirmed },
    current.stage,
    reached,
    residual,
  );
}

const ORDER: readonly Emergency['stage'][] = [
  'latched',
  'cancelling',
  'closing',
  'cleaning',
  'verifying',
  'done',
];

/** One account: entries and resting exits go, positions are closed under their stops, the stops go last. */
function advanceAccount(
  turn: Turn,
  state: AccountState,
  residual: Emergency['residual'],
): Emergency['stage'] {
  const { accountId } = state.account;
  for (const order of [...openOrders(turn.desk, accountId)]) {
    if (order.purpose !== 'stop' && order.purpose !== 'close') requestCancel(turn, state, order);
  }
  let closing = false;
  for (const position of positionsOf(turn.desk, accountId)) {
    const failures = turn.desk.closeFailures.get(symbolKey(accountId, position.symbol));
    if (failures !== undefined && failures.count >= turn.context.settings.closeAttempts) {
      residual.push({ accountId, symbol: position.symbol, size: position.size, why: failures.reason });
    }
    closing = true;
    flatten(turn, state, position.symbol, 'emergency');
  }
  if (closing) return 'closing';
  const working = [...openOrders(turn.desk, accountId)];
  if (working.some((order) => order.purpose !== 'stop')) return 'cancelling';
  for (const order of working) {
    if (mayLoseStop(state, order, working)) requestCancel(turn, state, order);
  }
  return working.length > 0 ? 'cleaning' : 'done';
}

function report(
  turn: Turn,
  emergency: Emergency,
  shown: Emergency['stage'],
  reached: Emergency['stage'],
  residual: Emergency['residual'],
): void {
  const open = emergency.accountIds.reduce(
    (count, accountId) => count + positionsOf(turn.desk, accountId).length,
    0,
  );
  const isGivenUp = residual.length > 0 && residual.length === open;
  if (reached === 'done' || isGivenUp) {
    turn.emit('EmergencyReceipt', {
      emergency: {
        ...emergency,
        stage: 'done',
        finishedAt: turn.wallTime,
        closed: closedBy(turn, emergency),
        residual,
      },
    });
    return;
  }
  const known = turn.desk.emergencies.get(emergency.emergencyId);
  const isSame = shown === reached && known?.confirmed.length === emergency.confirmed.length;
  if (!isSame) turn.emit('EmergencyStage', { emergency: { ...emergency, stage: reached } });
}

/** What its close orders traded, per symbol, at their average price. */
function closedBy(turn: Turn, emergency: Emergency): Emergency['closed'] {
  const totals = new Map<string, Emergency['closed'][number] & { notional: Decimal }>();
  for (const order of turn.desk.orders.values()) {
    const { accountId, symbol } = order;
    const isPart =
      emergency.accountIds.includes(accountId) &&
      order.purpose === 'close' &&
      order.createdAt >= emergency.startedAt;
    if (!isPart || isZero(order.filledSize)) continue;
    const key = symbolKey(accountId, symbol);
    const known = totals.get(key) ?? { accountId, symbol, size: ZERO, price: ZERO, notional: ZERO };
    const size = add(known.size, order.filledSize);
    const notional = add(known.notional, order.filledNotional);
    totals.set(key, { accountId, symbol, size, notional, price: div(notional, size) });
  }
  return [...totals.values()].map(({ accountId, symbol, size, price }) => ({
    accountId,
    symbol,
    size,
    price,
  }));
}
