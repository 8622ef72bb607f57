import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { systemClock } from '../../adapters/clock/systemClock.ts';
import { connectRemoteVenue } from '../../adapters/simulated/remote/connectRemoteVenue.ts';
import type { VenueControl } from '../../adapters/simulated/venue/venueControl.ts';
import type { Venue } from '../../ports/venue.ts';
import { type TestDatabase, testDatabase } from '../postgres.ts';
import { RecordingLogger } from '../recordingLogger.ts';
import { obedientVenue } from './obedientVenue.ts';
import { Program } from './program.ts';

/** The simulated venue in a process and a database of its own: it trades on while servers die. Its books are the oracle. */
export class VenueProcess {
  /** As this test sees it, over a connection of its own. */
  readonly venue: Venue;
  /** What the exchange does of its own accord. */
  readonly control: VenueControl;
  readonly url: string;
  readonly token: string;
  readonly #program: Program;
  readonly #database: TestDatabase;
  readonly #disconnect: () => Promise<void>;

  private constructor(
    program: Program,
    database: TestDatabase,
    address: { url: string; token: string },
    connected: { venue: Venue; control: VenueControl; stop(): Promise<void> },
  ) {
    this.#program = program;
    this.#database = database;
    this.url = address.url;
    this.token = address.token;
    this.venue = obedientVenue(connected.venue);
    this.control = connected.control;
    this.#disconnect = () => connected.stop();
  }

  static async start(env: Record<string, string>): Promise<VenueProcess> {
    const database = await testDatabase('empty');
    const token = randomBytes(32).toString('base64url');
    const controlToken = randomBytes(32).toString('base64url');
    const tokens = { VENUE_TOKEN: token, VENUE_CONTROL_TOKEN: controlToken };
    const own = { HOST: '127.0.0.1', VENUE_PORT: '0', VENUE_DATABASE_URL: database.url, ...tokens };
    const program = await Program.start('venue', { ...own, ...env });
    const { url } = JSON.parse(await program.line('the simulated venue listens')) as { url: string };
    const link = connectRemoteVenue({
      url,
      token: controlToken,
      clock: systemClock,
      logger: new RecordingLogger(),
    });
    await link.start();
    return new VenueProcess(program, database, { url, token }, link);
  }

  /** What a server needs to trade here. */
  get env(): Record<string, string> {
    return { VENUE_URL: this.url, VENUE_TOKEN: this.token };
  }

  /** Every client order id the venue ever took, ended orders and open ones, as often as it took it. */
  async clientOrderIds(): Promise<string[]> {
    const sql = postgres(this.#database.url, { max: 1, onnotice: () => undefined });
    try {
      const accounts = await sql<{ id: string }[]>`select account_id as id from venue_sim.accounts`;
      const open = await Promise.all(
        accounts.map(async ({ id }) => (await this.venue.readAccount({ accountId: id })).orders),
      );
      // Asked last: an order that ends in between is in both, and counts as one by the venue's own id; none is in neither.
      const ended = await sql<{ venueOrderId: string; clientOrderId: string | null }[]>`
        select venue_order_id as "venueOrderId", client_order_id as "clientOrderId" from venue_sim.orders`;
      const taken = new Map(
        [...open.flat(), ...ended].map((order) => [order.venueOrderId, order.clientOrderId]),
      );
      return [...taken.values()].flatMap((id) => id ?? []);
    } finally {
      await sql.end();
    }
  }

  async stop(): Promise<void> {
    await this.#disconnect();
    await this.#program.kill('SIGTERM');
    await this.#database.drop();
  }
}
