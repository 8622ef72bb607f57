import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../shared/view/hashView.ts';
import type { Command } from '../../core/commands.ts';
import type { CommandReply, DeskCommands } from '../../ports/deskGateway.ts';
import type { Envelope } from '../envelope.ts';
import type { SimCommands } from '../simProcess.ts';
import type { World } from '../world.ts';
import type { Gate } from './gate.ts';
import { opOf } from './opOf.ts';

const keyOf = ({ deskId, commandId }: Envelope): string => `${deskId}|${commandId}`;

/** Commands of devices, as the gateway of one process hands them on. */
export class KernelCommands implements SimCommands {
  readonly #world: World;
  readonly #gate: Gate;
  readonly #commands: DeskCommands;
  /** Hashes of the arguments under way, by id. */
  readonly #underWay = new Map<string, string[]>();

  constructor(world: World, gate: Gate, commands: DeskCommands) {
    this.#world = world;
    this.#gate = gate;
    this.#commands = commands;
  }

  argsHashOf(command: Command): string {
    return createHash('sha256')
      .update(canonicalJson(opOf(command)))
      .digest('hex');
  }

  isUsedOtherwise(envelope: Envelope): boolean {
    const hash = this.argsHashOf(envelope.command);
    return this.#underWay.get(keyOf(envelope))?.some((other) => other !== hash) === true;
  }

  execute(envelope: Envelope, answer: (reply: CommandReply) => void): void {
    const { deskId, command, commandId, expectedVersion, actor } = envelope;
    const [key, hash] = [keyOf(envelope), this.argsHashOf(command)];
    const before = this.#underWay.get(key) ?? [];
    this.#underWay.set(key, [...before, hash]);
    const asked = {
      ...opOf(command),
      ...{ commandId, expectedVersion, validUntil: null, actor, receivedAt: this.#world.wallTime },
    };
    void this.#commands.execute(deskId, asked).then((reply) => {
      const left = this.#underWay.get(key) ?? [];
      left.splice(left.indexOf(hash), 1);
      if (left.length === 0) this.#underWay.delete(key);
      if (!this.#gate.isDead) this.#world.watched(() => answer(reply));
    });
  }
}
