import type { Device } from '../../shared/protocol/device.ts';
import type { FillwireClient } from '../../shared/sdk/client.ts';

/** The user's devices and how far each has acknowledged; pushed by the server at most once a second. */
export class DeviceStore {
  /** Undefined until the server told. Connected ones first, this one on top. */
  list = $state.raw<Device[] | undefined>(undefined);
  readonly #client: Pick<FillwireClient, 'subscribe' | 'session'>;
  readonly #browserId: string;

  constructor(client: Pick<FillwireClient, 'subscribe' | 'session'>, browserId: string) {
    this.#client = client;
    this.#browserId = browserId;
    client.subscribe('devices', (push) => {
      if (push.kind !== 'devices') return;
      const { ownId } = this;
      this.list = [...push.data].sort(
        (a, b) =>
          Number(b.deviceId === ownId) - Number(a.deviceId === ownId) ||
          Number(b.connected) - Number(a.connected) ||
          b.lastSeenAt - a.lastSeenAt,
      );
    });
  }

  /** The server's word counts: a device that was logged out comes back under a new id. */
  get ownId(): string {
    return this.#client.session?.deviceId ?? this.#browserId;
  }
}
