import { dec, roundToStep } from '../../shared/domain/decimal.ts';
import type { Command, OrderRequest } from '../core/commands.ts';
import type { Desk } from '../core/desk.ts';
import { InvariantBroken } from './broken.ts';
import { SYMBOLS } from './market.ts';
import { sendCommand } from './outbox.ts';
import type { World } from './world.ts';

export const TRIAL_DESK = 'desk1';
/** What is ordered by hand: far more than the book of many steps, so that it opens and closes in parts. */
const BY_HAND_NOTIONAL = 40_000;
const FOREIGN_NOTIONAL = 3_000;
/** Longer than any process stays away, world ms. */
const PATIENCE_MS = 400_000;
const SETTLED_MS = 2_000;
/** Trading before the trouble begins, world ms. */
const BUILD_MS = [20_000, 45_000] as const;

/** The desk as the log has it. */
export function trialDesk(world: World): Desk | undefined {
  return world.log.committed(TRIAL_DESK)?.desk;
}

export function ask(world: World, command: Command, deviceId = 'phone'): void {
  sendCommand(world, {
    deskId: TRIAL_DESK,
    command,
    commandId: `t${Math.floor(world.now * 1_000)}-${world.random.below(1_000_000)}`,
    expectedVersion: null,
    actor: { kind: 'user', userId: TRIAL_DESK, deviceId },
  });
}

/** Two accounts with bots in the market, positions and orders by hand, and what somebody else did with the same keys. */
export function buildExposure(world: World, step: () => void): void {
  world.setup.desks = 1;
  const until = (what: string, met: () => boolean): void => {
    const limit = world.now + PATIENCE_MS;
    while (!met()) {
      if (world.now > limit) throw new Error(`the trial cannot begin: ${what} never happened`);
      step();
    }
  };
  const accounts = () => [...(trialDesk(world)?.accounts.values() ?? [])].map((state) => state.account);
  // Its first life may end as it takes over: that was drawn before the trial had a say.
  until('a process', () => world.now > SETTLED_MS && world.process !== undefined);
  world.openDesk(TRIAL_DESK);
  until('the first account', () => accounts().some(({ status }) => status === 'ready'));
  const [first] = accounts();
  if (first === undefined) throw new Error('no account');
  const { accountId, venue } = first;
  ask(world, { type: 'UpdateAccount', accountId, name: undefined, leverage: 20, marginMode: undefined });
  ask(world, {
    type: 'CreateAccount',
    name: 'second',
    venue,
    leverage: 20,
    marginMode: 'cross',
    deposit: dec('20000'),
  });
  until('a second account', () => accounts().filter(({ status }) => status === 'ready').length === 2);
  for (const [index, account] of accounts().entries()) startBots(world, account.accountId, index);
  until('bots', () => trialDesk(world)?.bots.size === 3);
  ask(world, { type: 'StartBots', scope: {} });
  const bySeed = world.random.between(...BUILD_MS);
  const from = world.now;
  until('orders by hand', () => world.now > from + 2_000);
  for (const account of accounts()) tradeByHand(world, account.accountId);
  // Stopped out positions are opened again until the trouble begins.
  while (world.now < from + bySeed) step();
  for (const account of accounts()) tradeByHand(world, account.accountId);
  until('what was ordered by hand', () => world.now > from + bySeed + 1_000);
  for (const account of accounts()) if (world.random.chance(0.5)) tradeFromOutside(world, account.accountId);
}

function startBots(world: World, accountId: string, index: number): void {
  const symbols = index === 0 ? ['BTCUSDT', 'ETHUSDT'] : ['BTCUSDT'];
  for (const symbol of symbols) {
    ask(world, {
      type: 'CreateBot',
      config: {
        name: `bot ${index} ${symbol}`,
        accountId,
        symbol,
        interval: '1m',
        strategy: 'scripted',
        params: { salt: world.random.below(1_000) },
        allocationPct: dec('30'),
        leverage: 10,
        marginMode: 'isolated',
        onRestart: 'resume',
      },
    });
  }
}

/** On a symbol that no bot claims. */
function tradeByHand(world: World, accountId: string): void {
  const symbol = 'DOGEUSDT';
  const side = world.random.pick(['buy', 'sell'] as const);
  ask(world, { type: 'SubmitOrder', request: requestFor(world, accountId, symbol, side, 'market') });
  ask(world, { type: 'SubmitOrder', request: requestFor(world, accountId, symbol, side, 'limit') });
}

export function requestFor(
  world: World,
  accountId: string,
  symbol: string,
  side: 'buy' | 'sell',
  type: 'market' | 'limit',
): OrderRequest {
  const { market } = world;
  const instrument = market.instruments.get(symbol);
  if (instrument === undefined) throw new RangeError(symbol);
  const last = Number(market.quote(symbol).last);
  const notional = type === 'market' ? BY_HAND_NOTIONAL : BY_HAND_NOTIONAL / 20;
  const price = dec((last * (side === 'buy' ? 0.98 : 1.02)).toFixed(8));
  return {
    accountId,
    symbol,
    side,
    type,
    size: roundToStep(dec((notional / last).toFixed(6)), instrument.sizeStep, 'up'),
    price: type === 'limit' ? roundToStep(price, instrument.tickSize, 'nearest') : null,
    timeInForce: type === 'limit' ? 'gtc' : 'ioc',
    reduceOnly: false,
    stopPrice: null,
    takeProfitPrice: null,
  };
}

/** A position and an order of another program. */
function tradeFromOutside(world: World, accountId: string): void {
  const { market, venue, random } = world;
  const claimed = [...(trialDesk(world)?.bots.values() ?? [])].filter((bot) => bot.accountId === accountId);
  const symbol = random.pick(SYMBOLS.filter((name) => claimed.every((bot) => bot.symbol !== name)));
  const instrument = market.instruments.get(symbol);
  if (instrument === undefined) throw new InvariantBroken('DECIDE', `no instrument ${symbol}`);
  const last = Number(market.quote(symbol).last);
  const size = roundToStep(dec((FOREIGN_NOTIONAL / last).toFixed(6)), instrument.sizeStep, 'up');
  world.history.lastForeignAt.set(accountId, world.now);
  const common = {
    account: { accountId },
    symbol,
    side: 'buy',
    size,
    triggerPrice: null,
    triggerBy: null,
    reduceOnly: false,
    attachedStop: null,
    notAfter: null,
  } as const;
  const price = roundToStep(dec((last * 0.97).toFixed(8)), instrument.tickSize, 'down');
  venue.place(
    {
      ...common,
      clientOrderId: `foreign-fill-${accountId.slice(0, 8)}`,
      type: 'market',
      price: null,
      timeInForce: 'ioc',
    },
    'keep',
  );
  venue.place(
    {
      ...common,
      clientOrderId: `foreign-rest-${accountId.slice(0, 8)}`,
      type: 'limit',
      price,
      timeInForce: 'gtc',
    },
    'keep',
  );
}
