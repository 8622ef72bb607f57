import type { RateLimit } from '../../../ports/venue.ts';
import { DEFAULT_SEED } from '../createSimulatedVenue.ts';
import { DEFAULT_SPEED } from '../feed/simulatedFeed.ts';
import { PROFILE_NAMES, type ProfileName } from '../profiles.ts';

export const DEFAULT_VENUE_PORT = 8_711;
const MAX_SPEED = 3_600;
const MIN_TOKEN_CHARS = 32;
/** Below it a client could not even look after its account. */
const MIN_CALLS_PER_SECOND = 20;
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** Everything `npm run venue` is told by its environment. */
export interface VenueConfig {
  host: string;
  port: number;
  token: string | null;
  /** For what the exchange does of its own accord; null: nobody may. */
  controlToken: string | null;
  seed: string;
  speed: number;
  profile: ProfileName;
  /** Of each client; null: none. */
  rateLimit: RateLimit | null;
  /** Null: a PostgreSQL of its own in `dataDir`. */
  databaseUrl: string | null;
  dataDir: string;
}

/** Reads the environment; every problem at once, none with a secret in it. */
export function readVenueConfig(
  env: Record<string, string | undefined>,
): VenueConfig | { problems: string[] } {
  const problems: string[] = [];
  const given = (name: string): string | undefined => {
    const value = env[name]?.trim();
    return value === '' ? undefined : value;
  };
  const host = given('HOST') ?? '127.0.0.1';
  const port = Number(given('VENUE_PORT') ?? DEFAULT_VENUE_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    problems.push('VENUE_PORT: must be a port number');
  const speed = Number(given('SIM_SPEED') ?? DEFAULT_SPEED);
  if (!(speed > 0 && speed <= MAX_SPEED)) problems.push(`SIM_SPEED: must be above 0, at most ${MAX_SPEED}`);
  const profile = given('SIM_PROFILE') ?? 'ideal';
  const known = PROFILE_NAMES.find((name) => name === profile);
  if (known === undefined) problems.push(`SIM_PROFILE: must be one of ${PROFILE_NAMES.join(', ')}`);
  const calls = given('SIM_RATE_LIMIT') === undefined ? null : Number(given('SIM_RATE_LIMIT'));
  if (calls !== null && !(Number.isInteger(calls) && calls >= MIN_CALLS_PER_SECOND)) {
    problems.push(
      `SIM_RATE_LIMIT: must be calls per second, a whole number of ${MIN_CALLS_PER_SECOND} or more`,
    );
  }
  const token = given('VENUE_TOKEN') ?? null;
  if (!LOOPBACK.has(host) && token === null)
    problems.push('VENUE_TOKEN: is required when HOST is not loopback');
  if (token !== null && token.length < MIN_TOKEN_CHARS) {
    problems.push(`VENUE_TOKEN: must have ${MIN_TOKEN_CHARS} characters or more`);
  }
  const controlToken = given('VENUE_CONTROL_TOKEN') ?? null;
  if (controlToken !== null && (controlToken.length < MIN_TOKEN_CHARS || controlToken === token)) {
    problems.push(
      `VENUE_CONTROL_TOKEN: must have ${MIN_TOKEN_CHARS} characters or more, and be another than VENUE_TOKEN`,
    );
  }
  const databaseUrl = given('VENUE_DATABASE_URL') ?? null;
  if (databaseUrl !== null && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    problems.push('VENUE_DATABASE_URL: must start with postgres://');
  }
  if (problems.length > 0 || known === undefined) return { problems };
  return {
    host,
    port,
    token,
    controlToken,
    seed: given('SIM_SEED') ?? DEFAULT_SEED,
    speed,
    profile: known,
    rateLimit: calls === null ? null : { calls, perMs: 1_000 },
    databaseUrl,
    dataDir: given('FILLWIRE_VENUE_DATA_DIR') ?? './.fillwire-venue',
  };
}
