import type { DeskTrouble } from '../../shared/protocol/serverMessage.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeskHealth } from '../ports/deskHealth.ts';

/** Desks that are stuck or halted, from when that is so until a recovery went through. */
export class DeskTroubles implements DeskHealth {
  readonly #clock: Clock;
  readonly #troubles = new Map<string, DeskTrouble>();
  readonly #listeners: ((deskId: string, trouble: DeskTrouble | null) => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#troubles.size;
  }

  trouble(deskId: string): DeskTrouble | null {
    return this.#troubles.get(deskId) ?? null;
  }

  onChange(listener: (deskId: string, trouble: DeskTrouble | null) => void): void {
    this.#listeners.push(listener);
  }

  /** Said once, however often it fails again. */
  began(deskId: string, reason: DeskTrouble['reason']): void {
    const known = this.#troubles.get(deskId);
    if (known?.reason === reason) return;
    this.#tell(deskId, { since: known?.since ?? this.#clock.now(), reason });
  }

  ended(deskId: string): void {
    if (this.#troubles.delete(deskId)) this.#tell(deskId, null);
  }

  #tell(deskId: string, trouble: DeskTrouble | null): void {
    if (trouble !== null) this.#troubles.set(deskId, trouble);
    for (const listener of this.#listeners) listener(deskId, trouble);
  }
}
