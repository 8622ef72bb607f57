import type { VenuePush } from '../../../ports/venue.ts';
import type { CallFault, PushFault, VenueCallName, VenueFaults } from './venueFaults.ts';

/** Faults told in advance, one call or push at a time, or until further notice. */
export class ScriptedFaults implements VenueFaults {
  readonly #once = new Map<VenueCallName, CallFault[]>();
  readonly #standing = new Map<VenueCallName, CallFault>();
  readonly #pushFaults: { type: VenuePush['type']; fault: PushFault }[] = [];
  #cut = false;
  #announce: (push: VenuePush) => void = () => {};

  /** The next call of this name meets `fault`; further ones queue behind. */
  next(name: VenueCallName, fault: CallFault): void {
    this.#once.set(name, [...(this.#once.get(name) ?? []), fault]);
  }

  /** Every call of this name meets `fault` until `clear`. */
  always(name: VenueCallName, fault: CallFault): void {
    this.#standing.set(name, fault);
  }

  /** The next push of this type is lost or comes twice. */
  nextPush(type: VenuePush['type'], fault: PushFault): void {
    this.#pushFaults.push({ type, fault });
  }

  clear(): void {
    this.#once.clear();
    this.#standing.clear();
    this.#pushFaults.length = 0;
  }

  disconnect(reason: string): void {
    this.#cut = true;
    this.#announce({ type: 'interrupted', accountIds: 'all', reason });
  }

  reconnect(): void {
    this.#cut = false;
    this.#announce({ type: 'restored' });
  }

  onCall({ name }: { name: VenueCallName }): CallFault | undefined {
    return this.#once.get(name)?.shift() ?? this.#standing.get(name);
  }

  onPush(push: VenuePush): PushFault | undefined {
    const index = this.#pushFaults.findIndex(({ type }) => type === push.type);
    return index < 0 ? undefined : this.#pushFaults.splice(index, 1)[0]?.fault;
  }

  disconnected(): boolean {
    return this.#cut;
  }

  onAttach(announce: (push: VenuePush) => void): void {
    this.#announce = announce;
  }
}
