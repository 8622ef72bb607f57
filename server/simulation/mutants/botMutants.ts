import { refused } from '../../core/command/reply.ts';
import { isActive } from '../../core/desk.ts';
import type { Input } from '../../core/inputs.ts';
import type { Turn } from '../../core/turn/turn.ts';
import { afterwards, hearing, type Mutant } from './mutant.ts';

/** Bots whose start was just refused, and that run all the same if `isWanted` says so. */
function runAllTheSame(turn: Turn, input: Input, isOk: boolean, isClaimed: boolean): void {
  if (input.type !== 'Command' || input.command.type !== 'StartBot' || isOk) return;
  const bot = turn.desk.bots.get(input.command.botId);
  if (bot?.state !== 'stopped') return;
  const { bots } = turn.desk;
  const others = [...bots.values()].filter((other) => other.botId !== bot.botId && isActive(other));
  const claimed = others.some((other) => other.accountId === bot.accountId && other.symbol === bot.symbol);
  if (claimed === isClaimed) turn.emit('BotStateChanged', { bot: { ...bot, state: 'running' } });
}

/** Bot life and emergencies: who runs where, and what is said to have ended. */
export const BOT_MUTANTS: readonly Mutant[] = [
  {
    name: 'stopped-without-proof',
    breaks: '`stopped` is said before the venue was asked',
    caughtBy: ['INV-7'],
    sabotage: () =>
      afterwards((turn) => {
        for (const bot of [...turn.desk.bots.values()])
          if (bot.state === 'stopping')
            turn.emit('BotStateChanged', { bot: { ...bot, state: 'stopped', closing: false } });
      }),
  },
  {
    name: 'emergency-receipt-unproven',
    breaks: 'an emergency gives its receipt while it still closes',
    caughtBy: ['INV-7'],
    sabotage: () =>
      afterwards((turn) => {
        for (const emergency of [...turn.desk.emergencies.values()])
          if (emergency.stage === 'closing' || emergency.stage === 'cancelling')
            turn.emit('EmergencyReceipt', {
              emergency: { ...emergency, stage: 'done', finishedAt: turn.wallTime, residual: [] },
            });
      }),
  },
  {
    name: 'emergency-forgotten-by-restart',
    breaks: 'an emergency that was under way is not taken up again',
    caughtBy: ['INV-7', 'REST'],
    sabotage: () =>
      afterwards((turn, input) => {
        if (input.type !== 'Recovered') return;
        for (const emergency of [...turn.desk.emergencies.values()])
          if (emergency.stage !== 'done')
            turn.emit('EmergencyReceipt', { emergency: { ...emergency, stage: 'done', residual: [] } });
      }),
  },
  {
    name: 'stop-loses-to-start',
    breaks: 'a stop is refused while its bot starts or runs',
    caughtBy: ['WINS'],
    sabotage: () => ({
      decide: (core, desk, input, context) => {
        const { command } = input.type === 'Command' ? input : { command: undefined };
        const bot = command?.type === 'StopBot' ? desk.bots.get(command.botId) : undefined;
        if (bot === undefined || !isActive(bot)) return core(desk, input, context);
        const refusal = { code: 'conflict', message: 'it starts' } as never;
        return { events: [], effects: [], outcome: refused(refusal) };
      },
    }),
  },
  {
    name: 'old-version-accepted',
    breaks: 'a start or an edit made on an outdated screen is carried out',
    caughtBy: ['WINS'],
    sabotage: () =>
      hearing((input) => (input.type === 'Command' ? { ...input, expectedVersion: null } : input)),
  },
  {
    name: 'claimed-symbol-taken',
    breaks: 'a bot starts on a symbol that another one claims',
    caughtBy: ['INV-12'],
    sabotage: () =>
      afterwards((turn, input, { outcome }) => runAllTheSame(turn, input, outcome?.ok === true, true)),
  },
  {
    name: 'shares-above-the-whole',
    breaks: 'bots run that together may use more than all of the account',
    caughtBy: ['SHARE'],
    sabotage: () =>
      afterwards((turn, input, { outcome }) => runAllTheSame(turn, input, outcome?.ok === true, false)),
  },
  {
    name: 'bot-enters-again-after-a-close-by-hand',
    breaks: 'a bot whose position was taken by hand goes on, and may enter again',
    caughtBy: ['WINS'],
    sabotage: () =>
      afterwards((turn, _input, { events }) => {
        for (const event of events) {
          if (event.kind !== 'BotStateChanged') continue;
          const bot = turn.desk.bots.get(event.data.bot.botId);
          if (bot?.state === 'paused' && bot.reason?.code === 'closed_by_hand')
            turn.emit('BotStateChanged', { bot: { ...bot, state: 'running' } });
        }
      }),
  },
  {
    name: 'liquidation-does-not-halt',
    breaks: 'a bot whose position was liquidated goes on',
    caughtBy: ['HALT'],
    sabotage: () =>
      afterwards((turn, _input, { events }) => {
        const isLiquidation = events.some(
          (event) =>
            event.kind === 'FillRecorded' &&
            event.data.fill.source !== 'order' &&
            event.data.fill.source !== 'stop',
        );
        if (!isLiquidation) return;
        for (const bot of [...turn.desk.bots.values()])
          if (bot.state === 'halted')
            turn.emit('BotStateChanged', { bot: { ...bot, state: 'running', closing: false } });
      }),
  },
  {
    name: 'foreign-activity-does-not-freeze',
    breaks: 'what somebody else did at the venue is seen, and entries go on',
    caughtBy: ['INV-12'],
    sabotage: () =>
      afterwards((turn, _input, { events }) => {
        for (const event of events) {
          if (event.kind !== 'ForeignActivity') continue;
          const state = turn.desk.accounts.get(event.data.account.accountId);
          if (state !== undefined)
            turn.emit('AccountChanged', { account: { ...state.account, foreign: null } });
        }
      }),
  },
];
