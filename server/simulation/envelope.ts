import type { Actor } from '../../shared/domain/actor.ts';
import type { Command } from '../core/commands.ts';

/** A command on its way, as a device sends it. */
export interface Envelope {
  deskId: string;
  commandId: string;
  command: Command;
  expectedVersion: number | null;
  actor: Actor;
}
