import type { Bot } from '../../shared/domain/bot.ts';

export type BotAction = 'start' | 'pause' | 'resume' | 'stop' | 'edit' | 'delete';

/** What a person may ask of a bot in each state; the server checks again. The first is the one most wanted. */
const ACTIONS: Partial<Record<string, readonly BotAction[]>> & Record<Bot['state'], readonly BotAction[]> = {
  stopped: ['start', 'edit', 'delete'],
  starting: ['stop'],
  running: ['pause', 'stop'],
  paused: ['resume', 'stop'],
  stopping: [],
  holding: ['resume', 'stop'],
  halted: ['start', 'stop'],
  error: ['start', 'stop'],
};

/** Of a state that only a newer server knows: nothing. */
export const actionsFor = (state: string): readonly BotAction[] => ACTIONS[state] ?? [];
