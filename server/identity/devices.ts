import type { DeviceInput } from '../../shared/protocol/device.ts';
import type { DeviceRow, IdentityStore } from '../ports/identityStore.ts';

/** Live logins of a user; one more ends the oldest. */
export const SESSIONS_PER_USER = 100;
/** Devices of a user besides those that have a login. */
const UNUSED_DEVICES_KEPT = 100;
/** All in all: as many as may be live, and as many of the others. */
const DEVICES_LISTED = SESSIONS_PER_USER + UNUSED_DEVICES_KEPT;

/** What users call the places they log in from, in bounded number. */
export class Devices {
  readonly #store: IdentityStore;

  constructor(store: IdentityStore) {
    this.#store = store;
  }

  /** Seen now; a new one may make the oldest be forgotten. */
  async store(userId: string, device: DeviceInput, now: number): Promise<DeviceRow> {
    const { id: deviceId, name, kind } = device;
    const input = { deviceId, userId, name, kind, createdAt: now, lastSeenAt: now };
    const stored = await this.#store.upsertDevice(input);
    // A program may name itself anew at each connection.
    if (stored.createdAt === now) await this.#store.forgetDevices(userId, UNUSED_DEVICES_KEPT);
    return stored;
  }

  /** Those that are not revoked, the one that was seen last first. */
  async list(userId: string): Promise<DeviceRow[]> {
    const devices = await this.#store.devices(userId, DEVICES_LISTED);
    return devices.sort((a, b) => b.lastSeenAt - a.lastSeenAt);
  }
}

export function unnamedDevice(id: string): DeviceInput {
  return { id, name: 'unnamed', kind: 'program' };
}
