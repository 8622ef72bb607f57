import type { Bot } from '../../../shared/domain/bot.ts';
import { add, dec, gt, isPositive, sub, sum, ZERO } from '../../../shared/domain/decimal.ts';
import { advanceBot } from '../bot/advanceBot.ts';
import { askForStart } from '../bot/askForStart.ts';
import { moveBot } from '../bot/botState.ts';
import { type AccountState, botPosition, claimant, claims, openOrders, positionOf } from '../desk.ts';
import { type Denial, denial, denied, refuse } from '../refusal.ts';
import { settleSymbol } from '../settle.ts';
import type { Turn } from '../turn.ts';
import { noSuchAccount } from './accounts.ts';
import type { BotConfig, Command, Scope } from './command.ts';
import { type CommandOutcome, done, refused } from './reply.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;

function noSuchBot(botId: string): CommandOutcome {
  return refused(refuse('not_found', `there is no bot ${botId}`, { botId }));
}

/** The loser of a race is told who won, with what, when. */
function conflict(bot: Bot, expected: number): CommandOutcome {
  const { deviceId, action, at } = bot.changedBy;
  const message = `the bot is at version ${bot.version}, not ${expected}: ${action} came first`;
  return refused(
    refuse('version_conflict', message, {
      expected,
      actual: bot.version,
      changedBy: { deviceId, action, at },
    }),
  );
}

export function changed(turn: Turn, bot: Bot, action: string): Pick<Bot, 'version' | 'changedBy'> {
  return { version: bot.version + 1, changedBy: { deviceId: turn.by.deviceId, action, at: turn.wallTime } };
}

/** Checks a configuration against accounts, instruments, strategies and names. Undefined: it fits. */
function configProblem(turn: Turn, config: BotConfig, ownId: string | null): CommandOutcome | undefined {
  const state = turn.desk.accounts.get(config.accountId);
  if (state === undefined) return noSuchAccount(config.accountId);
  const { venue } = state.account;
  const instrument = turn.context.instrument(venue, config.symbol);
  if (instrument === undefined) {
    const message = `${config.symbol} is not traded at ${venue}`;
    return refused(denied([denial('symbol_known', config.symbol, `a symbol of ${venue}`, message)]));
  }
  if (config.leverage > instrument.maxLeverage) {
    const message = `leverage ${config.leverage}x is above ${instrument.maxLeverage}x of ${config.symbol}`;
    return refused(
      denied([denial('leverage', `${config.leverage}x`, `${instrument.maxLeverage}x`, message)]),
    );
  }
  if (!isPositive(config.allocationPct) || gt(config.allocationPct, dec('100'))) {
    const message = `allocation ${config.allocationPct} % must be above 0 and at most 100 %`;
    return refused(denied([denial('allocation', `${config.allocationPct} %`, '0 to 100 %', message)]));
  }
  for (const bot of turn.desk.bots.values()) {
    if (bot.name === config.name && bot.botId !== ownId) {
      const message = `a bot named ${config.name} exists already`;
      return refused(denied([denial('bot_name', config.name, 'a name of its own', message)]));
    }
  }
  const strategy = turn.context.strategy(config.strategy);
  if (strategy === undefined)
    return refused(refuse('bad_request', `there is no strategy ${config.strategy}`, {}));
  const params = strategy.paramsSchema.safeParse(config.params);
  if (!params.success) {
    const problems = params.error.issues.map(
      (issue) => `${issue.path.join('.') || 'params'}: ${issue.message}`,
    );
    return refused(
      refuse('bad_request', `parameters of ${config.strategy}: ${problems.join('; ')}`, { problems }),
    );
  }
  return undefined;
}

export function createBot(turn: Turn, config: BotConfig, commandId: string): CommandOutcome {
  const most = turn.context.settings.maxBotsPerDesk;
  if (turn.desk.bots.size >= most) {
    const message = `you have ${turn.desk.bots.size} bots, the most allowed is ${most}`;
    return refused(denied([denial('bots_per_user', String(turn.desk.bots.size), String(most), message)]));
  }
  const problem = configProblem(turn, config, null);
  if (problem !== undefined) return problem;
  const botId = turn.id('bot', commandId);
  const bot: Bot = {
    ...config,
    botId,
    venue: turn.desk.accounts.get(config.accountId)?.account.venue ?? '',
    state: 'stopped',
    closing: false,
    reason: null,
    version: 1,
    changedBy: { deviceId: turn.by.deviceId, action: 'create', at: turn.wallTime },
    note: null,
    plan: null,
    lastBarTime: null,
    cooldownUntil: null,
    stats: { trades: 0, wins: 0, realisedPnl: ZERO, fees: ZERO, funding: ZERO },
    createdAt: turn.wallTime,
    startedAt: null,
  };
  turn.emit('BotCreated', { bot });
  return done({ botId });
}

/** Editable only when flat: stopped, or in error with nothing left. */
function isEditable(turn: Turn, bot: Bot): boolean {
  return (bot.state === 'stopped' || bot.state === 'error') && botPosition(turn.desk, bot) === undefined;
}

export function updateBot(turn: Turn, command: Of<'UpdateBot'>, expected: number | null): CommandOutcome {
  const bot = turn.desk.bots.get(command.botId);
  if (bot === undefined) return noSuchBot(command.botId);
  if (expected !== null && expected !== bot.version) return conflict(bot, expected);
  if (!isEditable(turn, bot))
    return refused(refuse('bad_request', `a bot is editable only when stopped; it is ${bot.state}`, {}));
  const {
    name,
    accountId,
    symbol,
    interval,
    strategy,
    params,
    allocationPct,
    leverage,
    marginMode,
    onRestart,
  } = bot;
  const config: BotConfig = {
    ...{
      name,
      accountId,
      symbol,
      interval,
      strategy,
      params,
      allocationPct,
      leverage,
      marginMode,
      onRestart,
    },
    ...command.change,
  };
  const problem = configProblem(turn, config, bot.botId);
  if (problem !== undefined) return problem;
  const venue = turn.desk.accounts.get(config.accountId)?.account.venue ?? bot.venue;
  turn.emit('BotUpdated', { bot: { ...bot, ...config, venue, ...changed(turn, bot, 'update') } });
  return done();
}

export function cloneBot(turn: Turn, command: Of<'CloneBot'>, commandId: string): CommandOutcome {
  const bot = turn.desk.bots.get(command.botId);
  if (bot === undefined) return noSuchBot(command.botId);
  const { accountId, symbol, interval, strategy, params, leverage, marginMode, onRestart } = bot;
  const allocationPct = command.allocationPct ?? bot.allocationPct;
  const config = {
    name: command.name,
    accountId,
    symbol,
    interval,
    strategy,
    params,
    allocationPct,
    leverage,
    marginMode,
    onRestart,
  };
  return createBot(turn, config, commandId);
}

export function deleteBot(turn: Turn, botId: string, expected: number | null): CommandOutcome {
  const bot = turn.desk.bots.get(botId);
  if (bot === undefined) return noSuchBot(botId);
  if (expected !== null && expected !== bot.version) return conflict(bot, expected);
  if (!isEditable(turn, bot))
    return refused(refuse('bad_request', `a bot can be deleted only when stopped; it is ${bot.state}`, {}));
  turn.emit('BotDeleted', { botId });
  return done();
}

/** Everything that keeps a bot from starting. */
function startDenials(turn: Turn, state: AccountState, bot: Bot): Denial[] {
  const found: Denial[] = [];
  const { account } = state;
  if (account.latch !== null) {
    found.push(
      denial(
        'account_latched',
        account.latch.reason,
        'released',
        `entries are latched: ${account.latch.reason}`,
      ),
    );
  }
  if (account.foreign !== null) {
    found.push(
      denial(
        'foreign_activity',
        account.foreign.detail,
        'none',
        `activity that is not ours: ${account.foreign.detail}`,
      ),
    );
  }
  if (account.status !== 'ready') {
    found.push(
      denial('account_ready', account.status, 'ready', `account ${account.name} is ${account.status}`),
    );
  }
  if (state.limits.breach !== null) {
    const { limit, actual, allowed } = state.limits.breach;
    found.push(
      denial(
        'limit_breached',
        `${limit} ${actual}`,
        allowed,
        `limit ${limit} is breached: ${actual} of ${allowed}`,
      ),
    );
  }
  const owner = claimant(turn.desk, bot.accountId, bot.symbol);
  if (owner !== undefined && owner.botId !== bot.botId) {
    found.push(
      denial(
        'symbol_claimed',
        owner.name,
        'no other bot',
        `${bot.symbol} is claimed by bot ${owner.name} (${owner.state})`,
      ),
    );
  }
  const position = positionOf(turn.desk, bot.accountId, bot.symbol);
  if (position !== undefined && position.botId !== bot.botId) {
    const actual = `${position.direction} ${position.size}`;
    found.push(
      denial(
        'symbol_claimed',
        actual,
        'flat',
        `${bot.symbol} has a position that is not this bot's: ${actual}`,
      ),
    );
  }
  const orders = [...openOrders(turn.desk, bot.accountId, bot.symbol)].filter(
    (order) => order.botId !== bot.botId,
  );
  if (orders.length > 0) {
    found.push(
      denial(
        'symbol_claimed',
        `${orders.length} orders`,
        'none',
        `${bot.symbol} has working orders that are not this bot's`,
      ),
    );
  }
  const others = [...turn.desk.bots.values()].filter(
    (b) => b.accountId === bot.accountId && b.botId !== bot.botId && claims(turn.desk, b),
  );
  const used = sum(others.map((b) => b.allocationPct));
  const hundred = dec('100');
  if (gt(add(used, bot.allocationPct), hundred)) {
    const free = sub(hundred, used);
    const message = `allocation ${bot.allocationPct} % is above the ${free} % that other bots leave`;
    found.push(denial('allocation', `${bot.allocationPct} %`, `${free} %`, message));
  }
  return found;
}

const STARTABLE: ReadonlySet<Bot['state']> = new Set(['stopped', 'halted', 'error']);

export function startBot(turn: Turn, botId: string, expected: number | null): CommandOutcome {
  const bot = turn.desk.bots.get(botId);
  const state = bot === undefined ? undefined : turn.desk.accounts.get(bot.accountId);
  if (bot === undefined || state === undefined) return noSuchBot(botId);
  if (expected !== null && expected !== bot.version) return conflict(bot, expected);
  if (bot.state === 'starting' || bot.state === 'running') return done();
  if (!STARTABLE.has(bot.state) || bot.closing) {
    const state = bot.closing ? `${bot.state} and still closing` : bot.state;
    return refused(
      refuse('bad_request', `a bot starts when it is stopped, halted or in error; it is ${state}`, {}),
    );
  }
  const problem = configProblem(turn, bot, bot.botId);
  if (problem !== undefined) return problem;
  const denials = startDenials(turn, state, bot);
  if (denials.length > 0) return refused(denied(denials));
  askForStart(turn, state, moveBot(turn, bot, 'starting', changed(turn, bot, 'start')));
  advanceBot(turn, state, botId, null);
  return done();
}

export function pauseBot(turn: Turn, botId: string): CommandOutcome {
  const bot = turn.desk.bots.get(botId);
  const state = bot === undefined ? undefined : turn.desk.accounts.get(bot.accountId);
  if (bot === undefined || state === undefined) return noSuchBot(botId);
  if (bot.state === 'paused') return done();
  if (bot.state !== 'running' && bot.state !== 'starting') {
    return refused(refuse('bad_request', `only a running bot can be paused; it is ${bot.state}`, {}));
  }
  moveBot(turn, bot, 'paused', changed(turn, bot, 'pause'));
  settleSymbol(turn, state, bot.symbol);
  return done();
}

export function resumeBot(turn: Turn, botId: string, expected: number | null): CommandOutcome {
  const bot = turn.desk.bots.get(botId);
  const state = bot === undefined ? undefined : turn.desk.accounts.get(bot.accountId);
  if (bot === undefined || state === undefined) return noSuchBot(botId);
  if (expected !== null && expected !== bot.version) return conflict(bot, expected);
  if (bot.state === 'running' || bot.state === 'starting') return done();
  if (bot.state !== 'paused' && bot.state !== 'holding') {
    return refused(
      refuse('bad_request', `only a paused or holding bot can be resumed; it is ${bot.state}`, {}),
    );
  }
  const denials = startDenials(turn, state, bot);
  if (denials.length > 0) return refused(denied(denials));
  askForStart(turn, state, moveBot(turn, bot, 'starting', changed(turn, bot, 'resume')));
  advanceBot(turn, state, botId, null);
  return done();
}

/** Stop always wins: it takes no version, and nothing that runs can refuse it. */
export function stopBot(turn: Turn, botId: string, positions: 'close' | 'hold'): CommandOutcome {
  const bot = turn.desk.bots.get(botId);
  const state = bot === undefined ? undefined : turn.desk.accounts.get(bot.accountId);
  if (bot === undefined || state === undefined) return noSuchBot(botId);
  // A close under way is not called back by a later hold.
  if (bot.state === 'stopped' || bot.state === 'stopping') return done();
  const holds = positions === 'hold' && botPosition(turn.desk, bot) !== undefined;
  if (holds && (bot.state === 'holding' || bot.closing)) return done();
  if (holds) moveBot(turn, bot, 'holding', changed(turn, bot, 'hold'));
  else moveBot(turn, bot, 'stopping', { closing: true, ...changed(turn, bot, 'stop') });
  settleSymbol(turn, state, bot.symbol);
  return done();
}

export function inScope(turn: Turn, scope: Scope): AccountState[] {
  return [...turn.desk.accounts.values()].filter(
    ({ account }) =>
      (scope.accountId === undefined || account.accountId === scope.accountId) &&
      (scope.book === undefined || account.book === scope.book),
  );
}

function botsInScope(turn: Turn, scope: Scope): Bot[] {
  const accounts = new Set(inScope(turn, scope).map((state) => state.account.accountId));
  return [...turn.desk.bots.values()].filter((bot) => accounts.has(bot.accountId));
}

export function startBots(turn: Turn, scope: Scope): CommandOutcome {
  const botIds: string[] = [];
  const refusals: Record<string, string> = {};
  for (const bot of botsInScope(turn, scope)) {
    if (bot.state !== 'stopped') continue;
    const outcome = startBot(turn, bot.botId, null);
    if (outcome.ok) botIds.push(bot.botId);
    else refusals[bot.botId] = outcome.refusal.message;
  }
  return done({ botIds, refusals });
}

export function stopBots(turn: Turn, scope: Scope, positions: 'close' | 'hold'): CommandOutcome {
  const botIds: string[] = [];
  for (const bot of botsInScope(turn, scope)) {
    if (bot.state === 'stopped') continue;
    stopBot(turn, bot.botId, positions);
    botIds.push(bot.botId);
  }
  return done({ botIds });
}
