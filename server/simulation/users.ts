import type { Actor } from '../../shared/domain/actor.ts';
import type { Bot, StrategyParams } from '../../shared/domain/bot.ts';
import { dec, mul, roundToStep } from '../../shared/domain/decimal.ts';
import { isOpen } from '../../shared/domain/order.ts';
import type { BotConfig, Command, OrderRequest } from '../core/commands.ts';
import { type AccountState, type Desk, limitsOver } from '../core/desk.ts';
import { strategies } from '../core/strategy/registry.ts';
import { SYMBOLS } from './market.ts';
import { sendCommand } from './outbox.ts';
import type { World } from './world.ts';

const DEVICES = ['phone', 'desktop'] as const;
const BOTS_PER_DESK = 4;
/** Whoever runs the server. */
export const ADMIN: Actor = { kind: 'admin', userId: 'admin', deviceId: null };

/** By its user on either device, unless it says by whom. */
export interface Asked {
  command: Command;
  actor: Actor | undefined;
}

/** One of a user's two devices asks for something; what it sees is the committed state. */
export function commandAtRandom(world: World): void {
  const { random } = world;
  const deskId = random.pick(world.log.deskIds());
  const desk = world.log.committed(deskId)?.desk;
  const command = desk === undefined ? undefined : commandFor(world, desk);
  if (command === undefined) return;
  const bot = 'botId' in command ? desk?.bots.get(command.botId) : undefined;
  const actor = userAtRandom(world, deskId);
  const isStale = random.chance(0.1);
  const expected = bot !== undefined && random.chance(0.5) ? bot.version - (isStale ? 1 : 0) : null;
  const isAdmins = command.type === 'ReleaseEmergency' && desk !== undefined && isStoppedByAdmin(desk);
  send(world, deskId, isAdmins ? ADMIN : actor, command, expected);
}

/** On no version of a bot. */
export function commandFrom(world: World, deskId: string, { command, actor }: Asked): void {
  send(world, deskId, actor ?? userAtRandom(world, deskId), command, null);
}

function userAtRandom({ random }: World, userId: string): Actor {
  return { kind: 'user', userId, deviceId: random.pick(DEVICES) };
}

function isStoppedByAdmin(desk: Desk): boolean {
  return (
    desk.latch !== null || [...desk.accounts.values()].some(({ account }) => account.latch?.by === 'admin')
  );
}

/** Both devices of a user change the same bot at once, each on what it shows. */
export function raceAtRandom(world: World): boolean {
  const { random } = world;
  const deskId = random.pick(world.log.deskIds());
  const desk = world.log.committed(deskId)?.desk;
  if (desk === undefined || desk.bots.size === 0) return false;
  const bot = random.pick([...desk.bots.values()]);
  const state = desk.accounts.get(bot.accountId);
  if (state === undefined) return false;
  for (const deviceId of DEVICES) {
    const edit: Command = {
      type: 'UpdateBot',
      botId: bot.botId,
      change: { leverage: random.pick([2, 5, 15]) },
    };
    const actor: Actor = { kind: 'user', userId: deskId, deviceId };
    send(world, deskId, actor, random.chance(0.3) ? edit : botCommand(world, bot, state), bot.version);
  }
  return true;
}

function send(
  world: World,
  deskId: string,
  actor: Actor,
  command: Command,
  expectedVersion: number | null,
): void {
  sendCommand(world, {
    deskId,
    command,
    commandId: `c${Math.floor(world.now * 1_000)}-${world.random.below(1_000_000)}`,
    expectedVersion,
    actor,
  });
}

function commandFor(world: World, desk: Desk): Command | undefined {
  const { random } = world;
  if (desk.accounts.size === 0) return undefined;
  const state = random.pick([...desk.accounts.values()]);
  // Whatever keeps everything from trading is lifted soon: a latched world meets few faults.
  const lift = random.chance(0.4) ? liftFor(desk, state) : undefined;
  if (lift !== undefined) return lift;
  if (desk.bots.size < 2) return createBot(world, state);
  const bot = random.pick([...desk.bots.values()]);
  const ofBot = botCommand(world, bot, state);
  const byHand = handCommand(world, desk, state);
  const rare = rareCommand(world, desk, bot, state);
  return random.weighted([
    [ofBot, 10],
    [byHand, 5],
    [rare, 2],
  ]);
}

function liftFor(desk: Desk, state: AccountState): Command | undefined {
  const { account } = state;
  const { accountId } = account;
  const breaches = limitsOver(desk, state).flatMap(({ breaches }) => breaches);
  if (account.foreign !== null) return { type: 'ResolveForeign', accountId };
  // A daily loss ends with its day only.
  if (account.latch !== null || breaches.some(({ limit }) => limit !== 'daily_loss'))
    return {
      type: 'ReleaseEmergency',
      scope: desk.bookLimits.size > 0 || isStoppedByAdmin(desk) ? {} : { accountId },
    };
  // No bot starts over exposure that is not its own.
  for (const position of desk.positions.values()) {
    if (position.accountId === accountId && position.botId === null)
      return { type: 'ClosePosition', accountId, symbol: position.symbol };
  }
  return undefined;
}

function createBot(world: World, { account }: AccountState): Command {
  const { random } = world;
  const strategy = random.pick([
    'scripted',
    'scripted',
    'scripted',
    'aggressive',
    'momentum',
    'conservative',
    'balanced',
  ]);
  const config: BotConfig = {
    name: `bot ${random.below(1_000_000)}`,
    accountId: account.accountId,
    symbol: random.pick(SYMBOLS),
    interval: '1m',
    strategy,
    params: strategy === 'scripted' ? { salt: random.below(1_000) } : demoParams(strategy),
    allocationPct: dec(String(random.pick([20, 30, 50, 70]))),
    leverage: random.pick([1, 3, 10, 20]),
    marginMode: random.pick(['isolated', 'isolated', 'cross'] as const),
    onRestart: random.pick(['hold', 'resume', 'resume'] as const),
  };
  return { type: 'CreateBot', config };
}

/** The strategy's demo, which trades soon; a position may stay as long as it likes. */
function demoParams(strategyId: string): StrategyParams {
  const demo = strategies.get(strategyId)?.presets.find(({ id }) => id === 'demo');
  if (demo === undefined) throw new RangeError(`${strategyId} has no demo`);
  const { maxHoldMinutes: _, ...params } = demo.params;
  return params;
}

/** Mostly what the bot's state allows: a bot that is never running trades nothing. */
function botCommand(world: World, bot: Bot, state: AccountState): Command {
  const { random } = world;
  const { botId } = bot;
  const start: Command = { type: 'StartBot', botId };
  const resume: Command = { type: 'ResumeBot', botId };
  const stop: Command = { type: 'StopBot', botId, positions: random.chance(0.7) ? 'close' : 'hold' };
  if (bot.state === 'stopped' || bot.state === 'error')
    return random.chance(0.9) ? start : createBot(world, state);
  if (bot.state === 'paused' || bot.state === 'holding') return random.chance(0.6) ? resume : stop;
  if (bot.state === 'halted') return random.chance(0.5) ? start : stop;
  return random.weighted<Command>([
    [stop, 4],
    [{ type: 'PauseBot', botId }, 2],
    [start, 1],
    [resume, 1],
  ]);
}

function handCommand(world: World, desk: Desk, state: AccountState): Command {
  const { random } = world;
  const { accountId } = state.account;
  const symbol = random.pick(SYMBOLS);
  const position = desk.positions.get(`${accountId}:${symbol}`);
  const orders = [...desk.orders.values()].filter((order) => order.accountId === accountId && isOpen(order));
  const order = orders.length === 0 ? undefined : random.pick(orders);
  const request = requestAtRandom(world, accountId, symbol);
  const submit: Command = { type: 'SubmitOrder', request };
  const away = dec(random.pick(['0.99', '0.995', '1.005', '1.01']));
  const { mark } = world.market.quote(symbol);
  const tick = world.market.instrument(symbol)?.tickSize ?? dec('1');
  const near = roundToStep(mul(mark, away), tick, 'nearest');
  if (position !== undefined && random.chance(0.6)) {
    return random.weighted<Command>([
      [{ type: 'ClosePosition', accountId, symbol }, 3],
      [{ type: 'ReducePosition', accountId, symbol, size: request.size }, 2],
      [{ type: 'SetStop', accountId, symbol, triggerPrice: near }, 4],
    ]);
  }
  if (order !== undefined && random.chance(0.8)) {
    const { orderId } = order;
    const more = random.chance(0.5) ? mul(order.size, dec('2')) : undefined;
    return random.chance(0.7)
      ? { type: 'CancelOrder', orderId }
      : { type: 'AmendOrder', orderId, price: near, size: more };
  }
  return submit;
}

function requestAtRandom(world: World, accountId: string, symbol: string): OrderRequest {
  const { random, market } = world;
  const quote = market.quote(symbol);
  const instrument = market.instrument(symbol);
  if (instrument === undefined) throw new RangeError(symbol);
  const side = random.pick(['buy', 'sell'] as const);
  const type = random.pick(['market', 'limit'] as const);
  const away = dec(random.pick(['0.997', '0.999', '1', '1.001', '1.003']));
  const behind = dec(side === 'buy' ? '0.99' : '1.01');
  const notional = random.pick([50, 500, 3_000, 20_000]);
  const isOpening = !random.chance(0.15);
  const [beyond = '1', against = '1'] = random.pick([
    ['1.005', '0.995'],
    ['1.02', '0.98'],
    ['1.07', '0.93'],
  ]);
  const size = roundToStep(dec((notional / Number(quote.last)).toFixed(6)), instrument.sizeStep, 'up');
  return {
    accountId,
    symbol,
    side,
    type,
    size,
    price: type === 'limit' ? roundToStep(mul(quote.last, away), instrument.tickSize, 'nearest') : null,
    timeInForce: type === 'limit' ? random.pick(['gtc', 'gtc', 'ioc', 'fok', 'post_only'] as const) : 'ioc',
    reduceOnly: !isOpening,
    stopPrice: random.chance(0.5)
      ? roundToStep(mul(quote.last, behind), instrument.tickSize, 'nearest')
      : null,
    takeProfitPrice:
      random.chance(0.6) || !isOpening
        ? null
        : roundToStep(
            mul(quote.last, dec(side === 'buy' ? beyond : against)),
            instrument.tickSize,
            'nearest',
          ),
  };
}

function rareCommand(world: World, desk: Desk, bot: Bot, { account }: AccountState): Command {
  const { random } = world;
  const { accountId } = account;
  const scope = random.chance(0.7) ? { accountId } : {};
  const create: Command =
    desk.accounts.size < 2
      ? {
          type: 'CreateAccount',
          name: 'second',
          venue: account.venue,
          leverage: 5,
          marginMode: 'isolated',
          deposit: dec('20000'),
        }
      : { type: 'ResetAccount', accountId };
  return random.weighted<Command>([
    [{ type: 'EmergencyStop', scope }, 3],
    [{ type: 'StopBots', scope, positions: random.chance(0.5) ? 'close' : 'hold' }, 1],
    [{ type: 'StartBots', scope }, 2],
    [
      desk.bots.size < BOTS_PER_DESK
        ? createBot(world, { ...desk.accounts.get(accountId), account } as AccountState)
        : { type: 'DeleteBot', botId: bot.botId },
      2,
    ],
    [{ type: 'UpdateBot', botId: bot.botId, change: { leverage: random.pick([2, 5, 15]) } }, 1],
    [
      {
        type: 'SetLimits',
        ...(random.chance(0.7) ? { accountId } : { book: 'simulated' as const }),
        values: {
          dailyLoss: dec(random.pick(['200', '1000', '5000'])),
          dailyLossPolicy: random.pick(['flatten', 'flatten', 'hold'] as const),
          drawdownPct: dec(random.pick(['1', '5', '20'])),
          drawdownPolicy: random.pick(['flatten', 'hold'] as const),
          maxStopOuts: random.pick([null, null, 3]),
        },
        timeZone: undefined,
      },
      1,
    ],
    [create, 1],
  ]);
}
