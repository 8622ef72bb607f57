import { VIEW_VERSION } from '../../shared/protocol/version.ts';
import type { ConnectionStatus, FillwireClient } from '../../shared/sdk/client.ts';
import { frameBatch } from './frameBatch.ts';

/** Whether what the screen shows is current. */
export class ConnectionStore {
  status = $state.raw<ConnectionStatus>(START);
  /** Device time since which what is shown is not known to be current, ms since 1970; null: it is, or nothing is shown. */
  cutSince = $state<number | null>(null);
  /** The server speaks a newer protocol than this page: reload to see everything. */
  outdated = $state(false);
  /** Attempts failed since the server was last heard: another one changes nothing yet. */
  #down = $state(false);
  readonly #client: Pick<FillwireClient, 'status' | 'onStatus' | 'connect'>;

  constructor(client: Pick<FillwireClient, 'status' | 'onStatus' | 'connect' | 'session'>) {
    this.#client = client;
    this.#take(client.status);
    const renew = frameBatch(() => this.#take(client.status));
    // A new state shows at once; the lag changes with every frame and can wait for the next animation frame.
    client.onStatus((status) => {
      this.outdated = client.session !== undefined && client.session.viewVersion !== VIEW_VERSION;
      if (status.state === this.status.state && status.retryAt === this.status.retryAt) renew();
      else this.#take(status);
    });
  }

  #take(status: ConnectionStatus): void {
    this.status = { ...status };
    if (status.state === 'live') this.cutSince = null;
    else if (status.asOf !== null) this.cutSince ??= status.since;
    if (status.state === 'offline') this.#down = true;
    else if (status.state !== 'connecting') this.#down = false;
  }

  /** As it is told: offline stays offline while the next attempt is under way. */
  get state(): ConnectionStatus['state'] {
    return this.status.state === 'connecting' && this.#down ? 'offline' : this.status.state;
  }

  /** Until when what is shown was known to be current, device time, ms since 1970; null: it is, or nothing is shown. */
  get asOf(): number | null {
    return this.status.asOf;
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
  asOf: null,
  reason: null,
  retryAt: null,
  degraded: null,
  trouble: null,
};
