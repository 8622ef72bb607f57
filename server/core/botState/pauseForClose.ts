import type { Bot } from '../../../shared/domain/bot.ts';
import type { Turn } from '../turn/turn.ts';
import { changed, moveBot } from './botState.ts';

/** Whoever closes by hand what a bot holds does not want it back with the next bar. */
export function pauseForClose(turn: Turn, bot: Bot): void {
  if (bot.state !== 'running' && bot.state !== 'starting') return;
  const reason = { code: 'closed_by_hand', figures: {} } as const;
  moveBot(turn, bot, 'paused', { reason, ...changed(turn, bot, 'close by hand') });
}

/** It waits since for its owner: it holds nothing that was not to be closed. */
export const isClosedByHand = ({ state, reason }: Bot): boolean =>
  state === 'paused' && reason?.code === 'closed_by_hand';
