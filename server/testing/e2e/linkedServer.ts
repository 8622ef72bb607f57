import type { Cleanup } from '../cleanups.ts';
import { testDatabase } from '../postgres.ts';
import { DatabaseLink } from './databaseLink.ts';
import { ServerProcess } from './serverProcess.ts';
import { VenueProcess } from './venueProcess.ts';

/** A venue, an empty database, the link to it that a test can break, and a server with both. `cleanups` get what ends them. */
export async function startLinkedServer(cleanups: Cleanup[], venueEnv: Record<string, string>) {
  const venue = await VenueProcess.start(venueEnv);
  cleanups.push(() => venue.stop());
  const database = await testDatabase('empty');
  cleanups.push(() => database.drop());
  const link = await DatabaseLink.start(database.url);
  cleanups.push(() => link.stop());
  const server = await ServerProcess.start({ database: { url: link.url }, env: venue.env });
  cleanups.push(() => server.stop());
  return { venue, database, link, server };
}
