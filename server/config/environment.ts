import { z } from 'zod';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Ways the simulated venue can behave: like an ideal one, or with the habits of Bitget's v2 and v3. */
export const SIM_PROFILES = ['ideal', 'v2-like', 'v3-like', 'loose'] as const;
export type SimProfile = (typeof SIM_PROFILES)[number];

/** A typing error here would else open a production server as if it were somebody's own machine. */
const NODE_ENVS = ['production', 'development', 'test'] as const;

const DAY_S = 86_400;

const integer = (min: number, max: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.number().min(min, `must be ${min} or more`).max(max, `must be ${max} or less`))
    .default(fallback);

const positiveNumber = (max: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,9}(\.\d{1,6})?$/, `must be a number above 0, at most ${max}`)
    .transform(Number)
    .pipe(z.number().gt(0, 'must be above 0').max(max, `must be ${max} or less`))
    .default(fallback);

function urlProblem(text: string, protocols: readonly string[]): string | undefined {
  const expected = `must be a URL starting with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
  if (!URL.canParse(text)) return expected;
  return protocols.includes(new URL(text).protocol) ? undefined : expected;
}

const url = (...protocols: string[]) =>
  z
    .string()
    .superRefine((text, context) => {
      const problem = urlProblem(text, protocols);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    })
    .optional();

/** Why `text` is no origin a browser would send; undefined when it is one. */
function originProblem(text: string): string | undefined {
  if (text === '*') return 'must name each origin; * would let every site in';
  const problem = urlProblem(text, ['https:', 'http:']);
  if (problem !== undefined) return `"${text}" ${problem}`;
  return new URL(text).origin === text
    ? undefined
    : `"${text}" must be scheme, host and port only, such as ${new URL(text).origin}`;
}

const originList = z
  .string()
  .transform((text) => text.split(',').map((origin) => origin.trim()))
  .transform((origins) => origins.filter((origin) => origin !== ''))
  .superRefine((origins, context) => {
    for (const problem of origins.map(originProblem)) {
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    }
  })
  .default([]);

const hostList = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim().toLowerCase()))
  .transform((names) => names.filter((name) => name !== ''))
  .superRefine((names, context) => {
    for (const name of names) {
      if (/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(name)) continue;
      context.addIssue({
        code: 'custom',
        message: `"${name}" must be a name only, such as trade.example.org`,
      });
    }
  })
  .default([]);

/** 32 bytes in hex or base64 (either alphabet); undefined when the text is neither. */
export function decodeKey(text: string): Uint8Array | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Uint8Array.from(Buffer.from(text, 'hex'));
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined;
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return bytes.length === 32 ? bytes : undefined;
}

const keyList = z
  .string()
  .transform((text) => text.split(',').map((key) => key.trim()))
  .transform((keys) => keys.filter((key) => key !== ''))
  .refine(
    (keys) => keys.every((key) => decodeKey(key) !== undefined),
    'must be keys of 32 bytes in base64 or hex, separated by commas',
  )
  .default([]);

const text = (max: number) => z.string().max(max, `must be at most ${max} characters`);

/** Each variable by itself: its form and its default. What is needed together is checked by config.ts. */
export const environmentSchema = z.object({
  NODE_ENV: z.enum(NODE_ENVS, `must be one of ${NODE_ENVS.join(', ')}, or left out`).optional(),
  HOST: text(255).default('127.0.0.1'),
  PORT: integer(0, 65_535, 8_710),
  DATABASE_URL: url('postgres:', 'postgresql:'),
  POSTGRES_HOST: text(255).default('127.0.0.1'),
  POSTGRES_PORT: integer(1, 65_535, 5_432),
  POSTGRES_USER: text(63).default('fillwire'),
  POSTGRES_DB: text(63).default('fillwire'),
  POSTGRES_PASSWORD: text(1_024).optional(),
  REDIS_URL: url('redis:', 'rediss:'),
  REDIS_PASSWORD: text(1_024).optional(),
  VENUE_URL: url('ws:', 'wss:', 'http:', 'https:'),
  VENUE_TOKEN: text(1_024).optional(),
  SIM_SEED: text(64).default('fillwire'),
  SIM_SPEED: positiveNumber(3_600, 60),
  SIM_PROFILE: z.enum(SIM_PROFILES, `must be one of ${SIM_PROFILES.join(', ')}`).default('ideal'),
  FILLWIRE_DATA_DIR: text(1_024).default('./.fillwire'),
  CORS_ORIGINS: originList,
  ALLOWED_HOSTS: hostList,
  REGISTRATION: z
    .enum(['open', 'closed', 'invite'], 'must be open or closed')
    .refine((mode) => mode !== 'invite', 'invitations are not there yet: use open or closed')
    .optional(),
  TRUSTED_PROXY_HOPS: integer(0, 10, 0),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
  ACCESS_TOKEN_TTL_S: integer(30, DAY_S, 900),
  REFRESH_TOKEN_TTL_S: integer(60, 365 * DAY_S, 30 * DAY_S),
  MAX_BOTS_PER_USER: integer(1, 1_000, 10),
  MAX_CONNECTIONS_PER_USER: integer(1, 10_000, 20),
  MAX_NEW_CONNECTIONS_PER_ADDRESS: integer(1, 100_000, 50),
  RESUME_WITHIN_MS: integer(0, DAY_S * 1_000, 120_000),
  HEARTBEAT_URL: url('http:', 'https:'),
  JWT_SECRET: text(4_096).optional(),
  ENCRYPTION_KEY: text(128)
    .refine(
      (key) => decodeKey(key) !== undefined,
      'must be 32 bytes in base64 or hex, as from: openssl rand -base64 32',
    )
    .optional(),
  FORMER_ENCRYPTION_KEYS: keyList,
});
export type Environment = z.output<typeof environmentSchema>;

/** An empty variable counts as not set: that is what compose files pass for one that is missing. */
export function readEnvironment(env: Record<string, string | undefined>): {
  values: Environment;
  problems: string[];
} {
  const given = Object.fromEntries(
    Object.keys(environmentSchema.shape).flatMap((key) => {
      const value = env[key]?.trim();
      return value === undefined || value === '' ? [] : [[key, value]];
    }),
  );
  const parsed = environmentSchema.safeParse(given);
  if (parsed.success) return { values: parsed.data, problems: [] };
  const problems = parsed.error.issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`);
  const broken = new Set(parsed.error.issues.map((issue) => String(issue.path[0])));
  // The rest is read once more without the broken ones, so that every problem is told at once.
  const rest = Object.fromEntries(Object.entries(given).filter(([key]) => !broken.has(key)));
  return { values: environmentSchema.parse(rest), problems };
}
