import { createHash } from 'node:crypto';
import { canonicalJson } from '../../shared/view/hashView.ts';
import type { Command } from '../core/commands.ts';
import type { CommandReply } from '../ports/deskGateway.ts';
import { sampleError } from '../testing/sampleError.ts';
import type { EngineProcess } from './engineProcess.ts';
import type { Envelope } from './envelope.ts';
import type { SimCommands } from './simProcess.ts';
import type { World } from './world.ts';

export type Answer = (reply: CommandReply) => void;

/** Commands of the ops that are of the class `exit`. */
const EXITS: ReadonlySet<Command['type']> = new Set([
  'PauseBot',
  'StopBot',
  'StopBots',
  'CancelOrder',
  'ClosePosition',
  'ReducePosition',
  'EmergencyStop',
]);

/** Time to look a command id up in the log, world ms. */
const LOOK_UP_MS = [0, 4] as const;

export function refusal(code: 'unavailable' | 'command_id_reused'): CommandReply {
  return { ok: false, error: sampleError(code) };
}

/** What one process does with commands, as the runtime's EngineCommands: one effect and one answer for each id. */
export class CommandsModel implements SimCommands {
  readonly #world: World;
  readonly #process: EngineProcess;
  readonly #underWay = new Map<string, { argsHash: string; waiting: Answer[] }>();

  constructor(world: World, process: EngineProcess) {
    this.#world = world;
    this.#process = process;
  }

  argsHashOf(command: Command): string {
    return createHash('sha256').update(canonicalJson(command)).digest('hex');
  }

  /** Whether other arguments are under way under this id. */
  isUsedOtherwise({ deskId, commandId, command }: Envelope): boolean {
    const known = this.#underWay.get(`${deskId}|${commandId}`);
    return known !== undefined && known.argsHash !== this.argsHashOf(command);
  }

  execute(envelope: Envelope, answer: Answer): void {
    const argsHash = this.argsHashOf(envelope.command);
    const key = `${envelope.deskId}|${envelope.commandId}`;
    const known = this.#world.sabotage.forgetsCommands === true ? undefined : this.#underWay.get(key);
    if (known !== undefined) {
      if (known.argsHash === argsHash) known.waiting.push(answer);
      else answer(refusal('command_id_reused'));
      return;
    }
    const waiting = [answer];
    this.#underWay.set(key, { argsHash, waiting });
    const done: Answer = (reply) => {
      this.#underWay.delete(key);
      for (const tell of waiting) tell(reply);
    };
    this.#process.later(this.#world.random.between(...LOOK_UP_MS), () =>
      this.#first(envelope, argsHash, done),
    );
  }

  #first(envelope: Envelope, argsHash: string, done: Answer): void {
    const { deskId, commandId, command, expectedVersion, actor } = envelope;
    if (this.#process.isDatabaseCut) {
      done(refusal('unavailable'));
      return;
    }
    const { sabotage, log } = this.#world;
    const stored = sabotage.forgetsCommands === true ? undefined : log.command(deskId, commandId);
    if (stored !== undefined) {
      done(
        stored.argsHash === argsHash
          ? (JSON.parse(stored.reply) as CommandReply)
          : refusal('command_id_reused'),
      );
      return;
    }
    const record = { userId: deskId, commandId, argsHash, createdAt: this.#world.wallTime };
    this.#process.submit(
      deskId,
      { type: 'Command', command, commandId, expectedVersion, actor },
      { record, validUntil: null, isExit: EXITS.has(command.type), answer: done },
    );
  }
}
