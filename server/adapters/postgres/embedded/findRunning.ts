import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../../../ports/logger.ts';
import { DATABASE_NAME, DATABASE_USER, storedPassword } from './initialise.ts';
import { preparePlace } from './place.ts';
import { readPostmasterPid } from './postmasterPid.ts';
import { endpointUrl } from './settings.ts';

/** The URL of the embedded server if one seems to run on this data directory. Starts nothing. */
export async function findRunningPostgres(dataDir: string, logger: Logger): Promise<string | undefined> {
  if (!existsSync(join(dataDir, 'postgres'))) return undefined;
  const place = await preparePlace(dataDir, logger);
  const found = readPostmasterPid(place.data);
  if (found === undefined) return undefined;
  const endpoint = found.socketDirectory === '' ? { port: found.port } : { socket: found.socketDirectory };
  return endpointUrl(endpoint, DATABASE_USER, storedPassword(place), DATABASE_NAME);
}
