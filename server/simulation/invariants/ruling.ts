import type { Bot } from '../../../shared/domain/bot.ts';
import { type Decimal, dec, gt, lt, mul, sub, sum } from '../../../shared/domain/decimal.ts';
import type { Context } from '../../core/context.ts';
import type { Decision } from '../../core/decide.ts';
import { claims, type Desk, isActive, limitsOver, positionOf } from '../../core/desk.ts';
import type { DeskEvent } from '../../core/events.ts';
import type { Input } from '../../core/inputs.ts';
import { InvariantBroken } from '../broken.ts';
import type { World } from '../world.ts';
import { checkLossesSeen } from './limitsLaw.ts';

type CommandInput = Extract<Input, { type: 'Command' }>;

/** What a decision may not come to, by the input alone and the desk as it is afterwards. */
export function checkRuling(
  { history }: World,
  desk: Desk,
  context: Context,
  input: Input,
  decision: Decision,
): void {
  if (input.type === 'Command') checkCommand(desk, input, decision);
  for (const event of decision.events) checkEvent(history.sent, desk, context, event);
  if (input.type === 'PriceMoved') checkTrailing(desk, decision);
  if (input.type === 'Tick') checkLossesSeen(desk, context);
}

/** Market time until which a venue may take an order, or an entry of unknown outcome: by its deadline, or when it left. */
function arrivesUntil(context: Context, venue: string, notAfter: number): number {
  const facts = context.venue(venue);
  return facts?.capabilities.expiringOrders === false ? notAfter + facts.writeWindowMs : notAfter;
}

const STOPPED: ReadonlySet<Bot['state']> = new Set(['stopped', 'stopping', 'holding']);

/** Stop always wins, and what was asked for on an outdated screen does not. */
function checkCommand(desk: Desk, input: CommandInput, { events, outcome }: Decision): void {
  const { command, expectedVersion } = input;
  if (command.type === 'StopBot') {
    const bot = desk.bots.get(command.botId);
    if (bot !== undefined && !STOPPED.has(bot.state) && !bot.closing)
      throw new InvariantBroken('WINS', `bot ${bot.botId} was stopped and is ${bot.state}`);
  }
  if (!('botId' in command) || expectedVersion === null || outcome?.ok !== true) return;
  if (command.type === 'StopBot' || command.type === 'PauseBot') return;
  for (const { kind, data } of events) {
    if ((kind !== 'BotStateChanged' && kind !== 'BotUpdated') || data.bot.botId !== command.botId) continue;
    if (data.bot.version !== expectedVersion + 1)
      throw new InvariantBroken(
        'WINS',
        `${command.type} for version ${expectedVersion} made version ${data.bot.version} of bot ${command.botId}`,
      );
    return;
  }
}

function checkEvent(sent: World['history']['sent'], desk: Desk, context: Context, event: DeskEvent): void {
  switch (event.kind) {
    case 'OrderSubmitted':
      checkSubmitted(desk, context, event.data.order);
      return;
    case 'OrderRejected': {
      const { orderId, status, reduceOnly, notAfter, accountId, venueOrderId } = event.data.order;
      const venue = desk.accounts.get(accountId)?.account.venue;
      const mayArrive =
        sent.has(orderId) &&
        status === 'abandoned' &&
        !reduceOnly &&
        venueOrderId === null &&
        notAfter !== null &&
        venue !== undefined;
      if (mayArrive && context.marketTime(venue) <= arrivesUntil(context, venue, notAfter))
        throw new InvariantBroken('INV-4', `${orderId} is given up while it may still arrive`);
      return;
    }
    case 'LimitBreached':
      for (const bot of desk.bots.values()) {
        if (bot.accountId === event.data.limits.accountId) mustNotRun(bot, 'a limit was breached');
      }
      return;
    case 'FillRecorded': {
      const { botId, source } = event.data.fill;
      const bot = botId === null ? undefined : desk.bots.get(botId);
      if (bot !== undefined && (source === 'liquidation' || source === 'adl')) mustNotRun(bot, source);
      return;
    }
    case 'BotStateChanged': {
      const bot = desk.bots.get(event.data.bot.botId);
      if (bot?.state === 'starting' || bot?.state === 'running') checkClaims(desk, bot);
    }
  }
}

function mustNotRun(bot: Bot, why: string): void {
  if (bot.state === 'running' || bot.state === 'starting')
    throw new InvariantBroken('HALT', `bot ${bot.botId} is ${bot.state} although ${why}`);
}

type Order = Extract<DeskEvent, { kind: 'OrderSubmitted' }>['data']['order'];

function checkSubmitted(desk: Desk, context: Context, order: Order): void {
  const { accountId, symbol, purpose } = order;
  // Found at the venue, and neither a stop nor an order of ours.
  const isFound = order.venueOrderId !== null && order.botId === null && purpose === 'manual';
  if (isFound && desk.accounts.get(accountId)?.account.foreign === null)
    throw new InvariantBroken('INV-12', `a foreign order in ${symbol} does not freeze ${accountId}`);
  if (purpose !== 'take_profit' || order.venueOrderId !== null) return;
  if (order.botId !== null) checkRung(desk, context, order);
  else checkHandTarget(desk, order);
}

/** What an emergency or a limit closes: nothing new rests there. */
function checkHandTarget(desk: Desk, { accountId, symbol }: Order): void {
  const state = desk.accounts.get(accountId);
  if (state === undefined) return;
  const isClosed = limitsOver(desk, state).some(({ breaches }) =>
    breaches.some(({ policy }) => policy !== 'hold'),
  );
  const isStopped = [...desk.emergencies.values()].some(
    ({ accountIds, stage, residual }) =>
      accountIds.includes(accountId) &&
      (stage !== 'done' || residual.some(({ closedAt }) => closedAt === undefined)),
  );
  if (isClosed || (state.account.latch !== null && isStopped))
    throw new InvariantBroken('INV-8', `a target of ${symbol} is placed anew on what is being closed`);
}

/** A rung takes its share, and what its neighbours were too small to take: the ones before it, or all that come after. */
function checkRung(desk: Desk, context: Context, { accountId, symbol, slot, size }: Order): void {
  const held = positionOf(desk, accountId, symbol);
  const rungs = held?.protection.takeProfits ?? [];
  const at = rungs.findIndex((rung) => rung.slot === slot);
  // The last one takes the rest.
  if (held === undefined || at < 0 || at === rungs.length - 1) return;
  const share = sum(rungs.slice(0, at + 1).map((rung) => rung.share as Decimal));
  const most = mul(held.openedSize, share);
  if (!gt(size, most)) return;
  const instrument = context.instrument(desk.accounts.get(accountId)?.account.venue ?? '', symbol);
  // A venue may raise its minimum while the ladder stands.
  const isRestDust = instrument !== undefined && lt(sub(held.openedSize, most), instrument.minSize);
  if (!isRestDust)
    throw new InvariantBroken(
      'LADDER',
      `${slot} takes ${size} of ${held.openedSize} ${symbol}: above ${share}`,
    );
}

/** One bot to a symbol, and never more than the whole account for all together. */
function checkClaims(desk: Desk, bot: Bot): void {
  const others = [...desk.bots.values()].filter(
    (other) => other.accountId === bot.accountId && other.botId !== bot.botId && claims(desk, other),
  );
  const rival = others.find((other) => other.symbol === bot.symbol && isActive(other));
  if (rival !== undefined)
    throw new InvariantBroken(
      'INV-12',
      `bot ${bot.botId} is ${bot.state} on ${bot.symbol}, which ${rival.botId} claims`,
    );
  const shares = sum([bot, ...others].map((each) => each.allocationPct as Decimal));
  if (gt(shares, dec('100')))
    throw new InvariantBroken('SHARE', `bots of ${bot.accountId} may use ${shares} % of it together`);
}

/** A stop that follows the price never moves away from it. */
function checkTrailing(desk: Desk, { effects }: Decision): void {
  for (const effect of effects) {
    if (effect.type !== 'AmendOrder' || effect.order.purpose !== 'stop') continue;
    const { order, change } = effect;
    const held = positionOf(desk, order.accountId, order.symbol);
    if (held === undefined || order.triggerPrice === null || change.triggerPrice === undefined) continue;
    const [nearer, further] =
      held.direction === 'long'
        ? [change.triggerPrice, order.triggerPrice]
        : [order.triggerPrice, change.triggerPrice];
    if (lt(nearer, further as Decimal))
      throw new InvariantBroken(
        'INV-6',
        `the stop of ${held.direction} ${order.symbol} moves from ${order.triggerPrice} to ${change.triggerPrice}`,
      );
  }
}
