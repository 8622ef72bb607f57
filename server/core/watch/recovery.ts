import type { Bot } from '../../../shared/domain/bot.ts';
import { because } from '../../../shared/domain/cause.ts';
import { isOpen } from '../../../shared/domain/order.ts';
import { connectAccount } from '../ask/connectAccount.ts';
import { lookUp } from '../ask/lookUp.ts';
import { askForBars, askForStart } from '../bot/askForStart.ts';
import { moveBot } from '../botState/botState.ts';
import { botPosition, claims } from '../desk.ts';
import type { InputOf } from '../inputs.ts';
import { loseAmend } from '../order/amend.ts';
import { writeOrder } from '../order/writeOrder.ts';
import type { Turn } from '../turn/turn.ts';

/**
 * First turn after a process took the desk over. What was under way when the former one ended is unknown until the
 * venue was asked; nothing is sent again. `latch`: why entries stay refused until released (a restore), or null.
 */
export function recover(turn: Turn, { downMs, latch }: InputOf<'Recovered'>): void {
  turn.emit('DeskRecovered', { ts: turn.wallTime });
  for (const order of [...turn.desk.orders.values()]) {
    if (order.status === 'submitting')
      writeOrder(turn, order, { ...order, status: 'unknown', updatedAt: turn.wallTime });
  }
  for (const state of [...turn.desk.accounts.values()]) {
    const { account } = state;
    turn.emit('AccountChanged', {
      account: {
        ...account,
        status: 'connecting',
        statusReason: because('restarting', {}),
        latch:
          latch === null || account.latch?.by === 'admin'
            ? account.latch
            : { reason: latch, since: turn.wallTime },
      },
    });
    connectAccount(turn, state, false);
    for (const order of [...turn.desk.orders.values()]) {
      if (order.accountId === account.accountId && order.status === 'unknown' && isOpen(order)) {
        lookUp(turn, account.venue, order);
      }
      if (order.accountId === account.accountId) loseAmend(turn, state, order);
    }
  }
  for (const bot of [...turn.desk.bots.values()]) if (claims(turn.desk, bot)) recoverBot(turn, bot, downMs);
}

function recoverBot(turn: Turn, bot: Bot, downMs: number): void {
  const state = turn.desk.accounts.get(bot.accountId);
  if (state === undefined) return;
  let current = bot;
  const isLong = downMs > turn.context.settings.resumeWithinMs;
  if (isLong && bot.onRestart === 'hold' && (bot.state === 'running' || bot.state === 'starting')) {
    const reason = { code: 'server_away', figures: { for: downMs } } as const;
    const changedBy = { deviceId: null, action: 'restart', at: turn.wallTime };
    const to = botPosition(turn.desk, bot) === undefined || bot.state === 'starting' ? 'paused' : 'holding';
    current = moveBot(turn, bot, to, { reason, version: bot.version + 1, changedBy });
  }
  if (current.state === 'starting') askForStart(turn, state, current);
  else askForBars(turn, state, current);
}
