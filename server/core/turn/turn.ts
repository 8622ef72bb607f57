import { hash } from 'node:crypto';
import type { Actor } from '../../../shared/domain/actor.ts';
import type { Context } from '../context.ts';
import type { Desk } from '../desk.ts';
import type { Effect } from '../effects.ts';
import type { DeskEvent, EventData, EventKind } from '../events.ts';
import { apply } from '../fold/apply.ts';

/** Length of ids we make; within every venue's 32 characters. */
const ID_LENGTH = 32;

/** One decision under way: what it emits is applied at once, so that later steps see it. */
export class Turn {
  readonly events: DeskEvent[] = [];
  readonly effects: Effect[] = [];
  /** What is decided on is a reading of an account. */
  isOfReading = false;
  /** What was noted up to this event is of a process that may have been shown more than it could store. */
  loadedSeq = 0;

  constructor(
    readonly desk: Desk,
    readonly context: Context,
    readonly by: Actor,
    readonly cause: string,
  ) {}

  emit<K extends EventKind>(kind: K, data: EventData[K]): void {
    const event = { seq: this.desk.seq + 1, kind, by: this.by, cause: this.cause, data } as DeskEvent;
    apply(this.desk, event);
    this.events.push(event);
  }

  effect(effect: Effect): void {
    this.effects.push(effect);
  }

  get wallTime(): number {
    return this.context.wallTime;
  }

  /**
   * A deterministic id: the same parts always give the same one, other parts never. What is new has `desk.seq` among them,
   * and nothing that somebody else chose: that may come again once answers to commands are forgotten.
   */
  id(...parts: (string | number)[]): string {
    const text = [this.context.epoch, this.desk.deskId, ...parts].join('|');
    return hash('sha256', text, 'hex').slice(0, ID_LENGTH);
  }
}
