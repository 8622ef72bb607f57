import type { Command } from '../core/command/command.ts';
import type { Input } from '../core/inputs.ts';

/** Commands that stop, cancel, close or reduce. */
const EXITS: ReadonlySet<Command['type']> = new Set([
  'EmergencyStop',
  'StopBot',
  'StopBots',
  'CancelOrder',
  'ClosePosition',
  'ReducePosition',
]);

/** Whether an overloaded engine takes it all the same. */
export function isExit(input: Input): boolean {
  return input.type === 'Command' && EXITS.has(input.command.type);
}
