import { resolve } from 'node:path';
import { type ReplayConfig, readCommandLine } from './config/commandLine.ts';
import {
  decodeKey,
  type Environment,
  type LogLevel,
  readEnvironment,
  type SimProfile,
} from './config/environment.ts';
import { loadLocalSecrets, type Secrets } from './config/localSecrets.ts';
import {
  keyProblem,
  PASSWORD_MIN_CHARS,
  passwordProblem,
  SECRET_MIN_CHARS,
  secretProblem,
} from './config/secretStrength.ts';

/** Everything the environment and the command line decide, checked and complete. */
export interface Config {
  /** `local`: one machine, loopback only, secrets made by itself. `deployed`: all given from outside. */
  mode: 'local' | 'deployed';
  host: string;
  /** 0: any free one. */
  port: number;
  /** Absolute. */
  dataDir: string;
  database: { kind: 'embedded' } | { kind: 'server'; url: string };
  /** With its password; null: the in-process bus. */
  redisUrl: string | null;
  /** A venue in a process of its own; null: the simulated venue within this process. */
  remoteVenue: { url: string; token: string } | null;
  /** `speed`: market seconds per second. */
  sim: { seed: string; speed: number; profile: SimProfile };
  replay: ReplayConfig | null;
  /** Allowed besides the server's own host. */
  corsOrigins: readonly string[];
  /** Names in the Host header that are answered, besides localhost and plain addresses. */
  allowedHosts: readonly string[];
  /** `open`: whoever comes may make an account. `closed`: only the first one is made. */
  registration: 'open' | 'closed';
  /** How many proxies in front append to X-Forwarded-For. */
  trustedProxyHops: number;
  logLevel: LogLevel;
  secrets: Secrets;
  accessTokenTtlMs: number;
  refreshTokenTtlMs: number;
  maxBotsPerUser: number;
  /** Sockets of one user at one process. */
  maxConnectionsPerUser: number;
  /** Per second, where no proxy stands in front. */
  maxNewConnectionsPerAddress: number;
  /** Downtime up to which bots resume without asking, ms. */
  resumeWithinMs: number;
  /** Called while the server lives. It may hold a token: never log it. */
  heartbeatUrl: string | null;
}

/** The configuration cannot be used; `problems` holds every reason, none with a secret in it. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly problems: string[];
  constructor(problems: string[]) {
    super(['The configuration cannot be used:', ...problems.map((problem) => `  - ${problem}`)].join('\n'));
    this.problems = problems;
  }
}

/**
 * Reads environment and command line, once, at the start. In local mode (a loopback HOST and no
 * NODE_ENV=production) missing secrets come from the data directory; beyond it all must be given.
 * @throws ConfigError with every problem found
 */
export function loadConfig(env: Record<string, string | undefined>, argv: readonly string[]): Config {
  // Whatever could not be read keeps its default here, and the error below prevents its use.
  const { values: environment, problems } = readEnvironment(env);
  const commandLine = readCommandLine(argv, problems);
  const local = isLoopback(environment.HOST) && environment.NODE_ENV !== 'production';
  if (!local) problems.push(...missingForDeployment(environment, problems));
  problems.push(...weakSecrets(environment, local));
  if (environment.VENUE_TOKEN !== undefined && environment.VENUE_URL === undefined && !local) {
    problems.push('VENUE_URL: is missing, while VENUE_TOKEN is set');
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const dataDir = resolve(environment.FILLWIRE_DATA_DIR);
  const secrets = readSecrets(environment, local, dataDir);
  return {
    mode: local ? 'local' : 'deployed',
    host: environment.HOST,
    port: environment.PORT,
    dataDir,
    database: database(environment),
    redisUrl: redisUrl(environment),
    remoteVenue: remoteVenue(environment, secrets),
    sim: {
      seed: environment.SIM_SEED,
      speed: commandLine.simSpeed ?? environment.SIM_SPEED,
      profile: environment.SIM_PROFILE,
    },
    replay: commandLine.replay,
    corsOrigins: environment.CORS_ORIGINS,
    allowedHosts: [
      ...environment.ALLOWED_HOSTS,
      ...environment.CORS_ORIGINS.map((origin) => new URL(origin).hostname),
      environment.HOST,
    ],
    registration: registrationOf(environment, local),
    trustedProxyHops: environment.TRUSTED_PROXY_HOPS,
    logLevel: environment.LOG_LEVEL,
    secrets,
    accessTokenTtlMs: environment.ACCESS_TOKEN_TTL_S * 1_000,
    refreshTokenTtlMs: environment.REFRESH_TOKEN_TTL_S * 1_000,
    maxBotsPerUser: environment.MAX_BOTS_PER_USER,
    maxConnectionsPerUser: environment.MAX_CONNECTIONS_PER_USER,
    maxNewConnectionsPerAddress: environment.MAX_NEW_CONNECTIONS_PER_ADDRESS,
    resumeWithinMs: environment.RESUME_WITHIN_MS,
    heartbeatUrl: environment.HEARTBEAT_URL ?? null,
  };
}

/** Beyond loopback strangers come by: nobody gets in there unless the operator says so. */
function registrationOf({ REGISTRATION: mode }: Environment, local: boolean): Config['registration'] {
  if (mode === undefined) return local ? 'open' : 'closed';
  return mode === 'open' ? 'open' : 'closed';
}

/** True for addresses only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** What a server that others can reach must be told; `known` holds what is already reported as malformed. */
function missingForDeployment(environment: Environment, known: readonly string[]): string[] {
  const missing: string[] = [];
  const demand = (key: keyof Environment, given: boolean, advice: string): void => {
    if (!given && !known.some((problem) => problem.startsWith(`${key}:`)))
      missing.push(`${key}: is missing; ${advice}`);
  };
  demand(
    'JWT_SECRET',
    environment.JWT_SECRET !== undefined,
    `set ${SECRET_MIN_CHARS} or more random characters: openssl rand -base64 48`,
  );
  demand(
    'ENCRYPTION_KEY',
    environment.ENCRYPTION_KEY !== undefined,
    'set 32 random bytes: openssl rand -base64 32',
  );
  demand(
    'CORS_ORIGINS',
    environment.CORS_ORIGINS.length > 0,
    'list the origins browsers come from, such as https://trade.example.org',
  );
  if (!known.some((problem) => problem.startsWith('DATABASE_URL:'))) {
    const password = databasePassword(environment);
    const advice = `set it (${PASSWORD_MIN_CHARS} or more characters), or DATABASE_URL with a password in it`;
    demand('POSTGRES_PASSWORD', password !== '' || usesSocket(environment.DATABASE_URL), advice);
  }
  if (environment.REDIS_URL !== undefined) {
    demand('REDIS_PASSWORD', redisPassword(environment) !== '', 'set it, or put the password into REDIS_URL');
  }
  if (environment.VENUE_URL !== undefined) {
    demand('VENUE_TOKEN', environment.VENUE_TOKEN !== undefined, 'set the token of the venue process');
  }
  return missing;
}

/** Secrets that are given but could be guessed. Passwords of servers on this machine only are their owner's matter. */
function weakSecrets(environment: Environment, local: boolean): string[] {
  const problems: string[] = [];
  const report = (key: string, problem: string | undefined): void => {
    if (problem !== undefined) problems.push(`${key}: ${problem}`);
  };
  const { JWT_SECRET, ENCRYPTION_KEY, VENUE_TOKEN } = environment;
  if (JWT_SECRET !== undefined) report('JWT_SECRET', secretProblem(JWT_SECRET));
  if (VENUE_TOKEN !== undefined) report('VENUE_TOKEN', secretProblem(VENUE_TOKEN));
  const key = ENCRYPTION_KEY === undefined ? undefined : decodeKey(ENCRYPTION_KEY);
  if (key !== undefined) report('ENCRYPTION_KEY', keyProblem(key));
  if (JWT_SECRET !== undefined && JWT_SECRET === ENCRYPTION_KEY)
    report('ENCRYPTION_KEY', 'must differ from JWT_SECRET');
  if (local) return problems;
  const fromUrl = environment.DATABASE_URL !== undefined;
  const password = databasePassword(environment);
  if (password !== '')
    report(fromUrl ? 'DATABASE_URL' : 'POSTGRES_PASSWORD', describePassword(password, fromUrl));
  const redis = environment.REDIS_URL === undefined ? '' : redisPassword(environment);
  if (redis !== '') {
    const inUrl = urlPassword(environment.REDIS_URL) !== '';
    report(inUrl ? 'REDIS_URL' : 'REDIS_PASSWORD', describePassword(redis, inUrl));
  }
  return problems;
}

function describePassword(password: string, inUrl: boolean): string | undefined {
  const problem = passwordProblem(password);
  return problem === undefined || !inUrl ? problem : `its password ${problem}`;
}

function urlPassword(url: string | undefined): string {
  const password = url === undefined ? '' : new URL(url).password;
  try {
    return decodeURIComponent(password);
  } catch {
    // A bare % in it: taken literally, as the drivers do.
    return password;
  }
}

function databasePassword(environment: Environment): string {
  const inUrl = urlPassword(environment.DATABASE_URL);
  return inUrl === '' ? (environment.POSTGRES_PASSWORD ?? '') : inUrl;
}

function redisPassword(environment: Environment): string {
  const inUrl = urlPassword(environment.REDIS_URL);
  return inUrl === '' ? (environment.REDIS_PASSWORD ?? '') : inUrl;
}

/** A Unix socket is guarded by the system's users, not by a password. */
function usesSocket(databaseUrl: string | undefined): boolean {
  if (databaseUrl === undefined) return false;
  const url = new URL(databaseUrl);
  return url.hostname === '' || (url.searchParams.get('host') ?? '').startsWith('/');
}

function database(environment: Environment): Config['database'] {
  const { DATABASE_URL, POSTGRES_PASSWORD } = environment;
  if (DATABASE_URL === undefined && POSTGRES_PASSWORD === undefined) return { kind: 'embedded' };
  const parts = `postgres://${environment.POSTGRES_HOST}:${environment.POSTGRES_PORT}/${encodeURIComponent(environment.POSTGRES_DB)}`;
  const url = new URL(DATABASE_URL ?? parts);
  if (url.hostname !== '' && url.username === '') url.username = environment.POSTGRES_USER;
  if (url.hostname !== '' && url.password === '' && POSTGRES_PASSWORD !== undefined)
    url.password = POSTGRES_PASSWORD;
  return { kind: 'server', url: url.href };
}

function redisUrl(environment: Environment): string | null {
  if (environment.REDIS_URL === undefined) return null;
  const url = new URL(environment.REDIS_URL);
  if (url.password === '' && environment.REDIS_PASSWORD !== undefined)
    url.password = environment.REDIS_PASSWORD;
  return url.href;
}

function remoteVenue(environment: Environment, secrets: Secrets): Config['remoteVenue'] {
  if (environment.VENUE_URL === undefined || secrets.venueToken === null) return null;
  return { url: environment.VENUE_URL, token: secrets.venueToken };
}

function readSecrets(environment: Environment, local: boolean, dataDir: string): Secrets {
  const key = environment.ENCRYPTION_KEY === undefined ? undefined : decodeKey(environment.ENCRYPTION_KEY);
  const { JWT_SECRET: jwtSecret, VENUE_TOKEN: venueToken } = environment;
  const former = environment.FORMER_ENCRYPTION_KEYS.map(decodeKey).filter((known) => known !== undefined);
  if (!local && jwtSecret !== undefined && key !== undefined) {
    return { jwtSecret, encryptionKey: key, formerEncryptionKeys: former, venueToken: venueToken ?? null };
  }
  try {
    const stored = loadLocalSecrets(dataDir);
    return {
      jwtSecret: jwtSecret ?? stored.jwtSecret,
      encryptionKey: key ?? stored.encryptionKey,
      // What was encrypted before a key was given must open with it.
      formerEncryptionKeys: key === undefined ? former : [...former, stored.encryptionKey],
      venueToken: venueToken ?? stored.venueToken,
    };
  } catch (error) {
    throw new ConfigError([`FILLWIRE_DATA_DIR: ${error instanceof Error ? error.message : String(error)}`]);
  }
}
