import { VIEW_VERSION } from '../../shared/protocol/version.ts';
import type { ConnectionStatus, FillwireClient } from '../../shared/sdk/client.ts';
import { frameBatch } from './frameBatch.ts';

/** Whether what the screen shows is current. */
export class ConnectionStore {
  status = $state.raw<ConnectionStatus>(START);
  /** The server speaks a newer protocol than this page: reload to see everything. */
  outdated = $state(false);
  readonly #client: Pick<FillwireClient, 'status' | 'onStatus' | 'connect'>;

  constructor(client: Pick<FillwireClient, 'status' | 'onStatus' | 'connect' | 'session'>) {
    this.#client = client;
    this.status = { ...client.status };
    const renew = frameBatch(() => {
      this.status = { ...client.status };
    });
    // A new state shows at once; the lag changes with every frame and can wait for the next animation frame.
    client.onStatus((status) => {
      this.outdated = client.session !== undefined && client.session.viewVersion !== VIEW_VERSION;
      if (status.state === this.status.state && status.retryAt === this.status.retryAt) renew();
      else this.status = { ...status };
    });
  }

  /** Until when what is shown was known to be current, device time, ms since 1970. */
  get asOf(): number {
    return this.status.since;
  }

  get live(): boolean {
    return this.status.state === 'live';
  }

  /** Tries at once instead of waiting for the next planned attempt. */
  retryNow(): void {
    this.#client.connect();
  }
}

const START: ConnectionStatus = {
  state: 'offline',
  since: 0,
  lagMs: null,
  reason: null,
  retryAt: null,
  degraded: null,
  trouble: null,
};
