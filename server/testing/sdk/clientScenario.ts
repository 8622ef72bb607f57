import {
  type ClientOptions,
  createClient,
  type FillwireClient,
  type ViewChange,
} from '../../../shared/sdk/client.ts';
import { nodeWebSocket } from '../../../shared/sdk/nodeWebSocket.ts';
import { staticToken } from '../../../shared/sdk/tokens.ts';
import { ManualClock } from '../venue/manualClock.ts';
import { ScriptedServer } from './scriptedServer.ts';
import { until } from './until.ts';

/** One client and one scripted server over a real socket, with the test's own time. */
export class ClientScenario {
  readonly clock: ManualClock;
  readonly changes: ViewChange[] = [];
  readonly states: string[] = [];

  private constructor(
    readonly server: ScriptedServer,
    readonly client: FillwireClient,
    clock: ManualClock,
  ) {
    this.clock = clock;
    client.onView((change) => this.changes.push(change));
    client.onStatus((status) => {
      if (this.states.at(-1) !== status.state) this.states.push(status.state);
    });
  }

  static async start(options: Partial<ClientOptions> = {}, serverAheadMs = 0): Promise<ClientScenario> {
    const clock = new ManualClock();
    const server = await ScriptedServer.start(() => clock.now() + serverAheadMs);
    const client = createClient({
      url: server.url,
      device: { id: 'device1', name: 'Test', kind: 'program' },
      tokens: staticToken('token1'),
      webSocket: nodeWebSocket,
      clock,
      random: () => 0.5,
      ...options,
    });
    return new ClientScenario(server, client, clock);
  }

  state(): string {
    return this.client.status.state;
  }

  async untilState(state: string): Promise<void> {
    await until(
      () => this.client.status.state === state,
      `${state}; it is ${JSON.stringify(this.client.status)}`,
    );
  }

  async live(): Promise<void> {
    this.client.connect();
    await this.untilState('live');
  }

  /** Lets device time pass up to the planned next attempt. */
  advanceToRetry(): void {
    const { retryAt } = this.client.status;
    if (retryAt === null) throw new Error('no attempt is planned');
    this.clock.advance(Math.max(0, retryAt - this.clock.now()));
  }

  /** After a cut or close: notices it, waits as long as it does, and is live again. */
  async comeBack(): Promise<void> {
    await this.untilState('offline');
    this.advanceToRetry();
    await this.untilState('live');
  }

  /** Lets time pass on a connection that is talked on: in steps, with a round trip after each. */
  async pass(ms: number): Promise<void> {
    const stepMs = 3_000;
    for (let left = ms; left > 0; left -= stepMs) {
      this.clock.advance(Math.min(stepMs, left));
      await this.roundTrip();
    }
  }

  /** After it, everything either side sent before has arrived. */
  async roundTrip(): Promise<void> {
    await this.client.request('ping', {});
  }

  /** Until the client has folded all the server has. */
  async caughtUp(): Promise<void> {
    await until(() => this.client.position?.seq === this.server.head.seq, 'the client has all frames');
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.server.stop();
  }
}
