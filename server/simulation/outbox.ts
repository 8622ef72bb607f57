import type { Command } from '../core/commands.ts';
import type { CommandReply } from '../ports/deskGateway.ts';
import { InvariantBroken } from './broken.ts';
import type { Envelope } from './envelope.ts';
import type { SimProcess } from './simProcess.ts';
import type { World } from './world.ts';

/** How long a device waits before it sends a command again under the same id, and how often it does, world ms. */
const AGAIN_AFTER_MS = [3_000, 8_000] as const;
const ATTEMPTS = 8;

/** What stands in the way for now: the device sends again. Nothing of it is stored. */
const PASSING: ReadonlySet<string> = new Set(['unavailable', 'internal']);

/** A command of a device until it is answered: sent again and again under its id, at times when it need not be. */
export function sendCommand(world: World, envelope: Envelope): void {
  world.coverage.count(`command:${envelope.command.type}`);
  const { random } = world;
  send(world, envelope, ATTEMPTS);
  if (world.hit('command_repeated')) world.after(random.between(0, 30_000), () => send(world, envelope, 1));
  if (world.hit('command_id_reused')) {
    const other: Command = { type: 'StopBots', scope: {}, positions: 'hold' };
    world.after(random.between(0, 5_000), () => send(world, { ...envelope, command: other }, 1));
  }
}

function send(world: World, envelope: Envelope, attempts: number): void {
  const { random } = world;
  let answered = false;
  const again = (): void => {
    if (answered) return;
    answered = true;
    if (attempts > 1) send(world, envelope, attempts - 1);
  };
  const lost = world.hit('command_lost');
  const answerLost = world.hit('command_answer_lost');
  world.after(random.between(0, 5), () => {
    const process = world.process;
    if (lost || process === undefined) return;
    process.wake(() =>
      process.commands.execute(envelope, (reply) => {
        if (answerLost) return;
        if (!reply.ok && PASSING.has(reply.error.code)) {
          world.after(random.between(100, 1_000), again);
          return;
        }
        answered = true;
        checkReply(world, process, envelope, reply);
      }),
    );
  });
  world.after(random.between(...AGAIN_AFTER_MS), again);
}

/** Whoever asks gets what the log has for this id; with other arguments, nothing but a refusal. */
function checkReply(world: World, process: SimProcess, envelope: Envelope, reply: CommandReply): void {
  const { deskId, commandId, command } = envelope;
  const what = `${command.type} ${commandId}`;
  if (!reply.ok && reply.error.code === 'command_id_reused') {
    const used = world.log.command(deskId, commandId)?.argsHash;
    const isStoredOtherwise = used !== undefined && used !== process.commands.argsHashOf(command);
    // What was given up as not stored may come to be stored after all, while the id is under way with other arguments.
    if (!isStoredOtherwise && !process.commands.isUsedOtherwise(envelope))
      throw new InvariantBroken('CMD', `${what} is called reused although nothing else came under its id`);
    return;
  }
  if (!reply.ok && reply.error.code === 'version_conflict' && 'botId' in command)
    checkWinner(world, command.botId, reply.error.details);
  const stored = world.log.command(deskId, commandId);
  if (stored === undefined)
    throw new InvariantBroken('CMD', `${what} is answered before its answer is stored`);
  if (stored.argsHash !== process.commands.argsHashOf(command))
    throw new InvariantBroken('CMD', `${what} gets the answer to other arguments`);
  if (stored.reply !== JSON.stringify(reply))
    throw new InvariantBroken('CMD', `${what} gets another answer than before: ${JSON.stringify(reply)}`);
}

interface ConflictDetails {
  actual?: number;
  changedBy?: { deviceId: string | null };
}

/** The loser of a race is told who won. */
function checkWinner(world: World, botId: string, details: unknown): void {
  const { actual, changedBy } = (details ?? {}) as ConflictDetails;
  const winner = actual === undefined ? undefined : world.history.commandLaw.makerOf(botId, actual);
  // Null: what the engine made of a user's command, such as a halt.
  const isOther =
    changedBy?.deviceId !== null && winner !== undefined && winner.deviceId !== changedBy?.deviceId;
  if (changedBy === undefined || isOther)
    throw new InvariantBroken(
      'WINS',
      `${changedBy?.deviceId} is said to have made version ${actual} of ${botId}, it was ${winner?.deviceId}`,
    );
  world.coverage.count('met:race lost');
}
