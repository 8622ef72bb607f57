import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Config, ConfigError, loadConfig } from './config.ts';

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fillwire-config-'));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function problemsOf(env: Record<string, string>, argv: string[] = []): string[] {
  try {
    loadConfig({ FILLWIRE_DATA_DIR: newFolder(), ...env }, argv);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
const load = (env: Record<string, string> = {}, argv: string[] = []): Config =>
  loadConfig({ FILLWIRE_DATA_DIR: newFolder(), ...env }, argv);

const JWT_SECRET = 'pT7kqv2Wz0mYc4NfJx9RbLs6HdQe1UgA8oViXy3K';
const ENCRYPTION_KEY = Buffer.from(
  '9f1c64e2a7305bd88e4421fa0c9d7736b2e85f1304c7aa6dd19b2e47508c3ef0',
  'hex',
).toString('base64');
const DEPLOYED = {
  NODE_ENV: 'production',
  HOST: '0.0.0.0',
  JWT_SECRET,
  ENCRYPTION_KEY,
  POSTGRES_PASSWORD: 'vK3-rw9_Lq2xTz',
  CORS_ORIGINS: 'https://trade.example.org',
};

describe('local mode', () => {
  test('[CONF-1] an empty environment is enough: loopback, own port, embedded parts, no question', () => {
    const config = load();
    expect(config).toMatchObject({
      mode: 'local',
      host: '127.0.0.1',
      port: 8710,
      database: { kind: 'embedded' },
      redisUrl: null,
      remoteVenue: null,
      replay: null,
      corsOrigins: [],
      trustedProxyHops: 0,
      maxBotsPerUser: 10,
      heartbeatUrl: null,
    });
    expect(config.sim.speed).toBe(60);
    expect(config.secrets.encryptionKey).toHaveLength(32);
  });

  test('[CONF-2] secrets are made once, with mode 0600, and stay the same', () => {
    const dataDir = join(newFolder(), 'made', 'here');
    const first = loadConfig({ FILLWIRE_DATA_DIR: dataDir }, []);
    const file = join(dataDir, 'secrets.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(loadConfig({ FILLWIRE_DATA_DIR: dataDir }, []).secrets).toEqual(first.secrets);
    expect(load().secrets.jwtSecret).not.toBe(first.secrets.jwtSecret);
  });

  test('[CONF-2] a damaged secrets file is named, its content is not', () => {
    const dataDir = newFolder();
    writeFileSync(join(dataDir, 'secrets.json'), '{"jwtSecret":"half-a-secret');
    const problems = problemsOf({ FILLWIRE_DATA_DIR: dataDir });
    expect(problems.join()).toContain('secrets.json is damaged');
    expect(problems.join()).not.toContain('half-a-secret');
    expect(readFileSync(join(dataDir, 'secrets.json'), 'utf8')).toContain('half-a-secret');
  });

  test('[MET-5] registration is open on one’s own machine and closed beyond it, unless told; invitations are not there yet', () => {
    expect(load().registration).toBe('open');
    expect(load(DEPLOYED).registration).toBe('closed');
    expect(load({ ...DEPLOYED, REGISTRATION: 'open' }).registration).toBe('open');
    expect(load({ REGISTRATION: 'closed' }).registration).toBe('closed');
    expect(problemsOf({ REGISTRATION: 'invite' })).toEqual([
      'REGISTRATION: invitations are not there yet: use open or closed',
    ]);
  });

  test('[MET-7] an unknown NODE_ENV is refused: a typing error must not make a production server a local one', () => {
    for (const NODE_ENV of ['prodution', 'Production', 'staging', 'undefined'])
      expect(() => loadConfig({ NODE_ENV }, [])).toThrow(
        /NODE_ENV: must be one of production, development, test/,
      );
  });

  test('[CONF-1] an address beyond loopback is not local, whatever NODE_ENV says', () => {
    for (const host of ['0.0.0.0', '::', '192.168.1.5', 'myhost', '128.0.0.1', '127.evil.example']) {
      expect(problemsOf({ HOST: host }).join(), host).toContain('JWT_SECRET: is missing');
    }
    for (const host of ['localhost', '::1', '127.0.0.2']) expect(load({ HOST: host }).mode).toBe('local');
  });

  test('[CONF-1] what is given wins over what would be made', () => {
    const config = load({ JWT_SECRET, VENUE_URL: 'ws://127.0.0.1:8711' });
    expect(config.secrets.jwtSecret).toBe(JWT_SECRET);
    expect(config.remoteVenue).toEqual({ url: 'ws://127.0.0.1:8711', token: config.secrets.venueToken });
  });
});

describe('deployed', () => {
  test('[CONF-3] R1 R15: everything missing is told at once', () => {
    const problems = problemsOf({
      NODE_ENV: 'production',
      REDIS_URL: 'redis://cache:6379',
      VENUE_URL: 'wss://venue',
    });
    const keys = problems.map((problem) => problem.split(':')[0]);
    expect(keys).toEqual(
      expect.arrayContaining([
        'JWT_SECRET',
        'ENCRYPTION_KEY',
        'POSTGRES_PASSWORD',
        'CORS_ORIGINS',
        'REDIS_PASSWORD',
        'VENUE_TOKEN',
      ]),
    );
    expect(keys).toHaveLength(6);
  });

  test('[CONF-3] empty variables, as compose passes them, are missing ones', () => {
    expect(problemsOf({ ...DEPLOYED, JWT_SECRET: '', CORS_ORIGINS: '  ' })).toHaveLength(2);
  });

  test('[CONF-3] a full configuration is taken as it is, and no secret is written', () => {
    const dataDir = newFolder();
    const config = loadConfig({ ...DEPLOYED, FILLWIRE_DATA_DIR: dataDir, POSTGRES_HOST: 'db' }, []);
    expect(config.mode).toBe('deployed');
    expect(config.database).toEqual({
      kind: 'server',
      url: 'postgres://fillwire:vK3-rw9_Lq2xTz@db:5432/fillwire',
    });
    expect(Buffer.from(config.secrets.encryptionKey).toString('base64')).toBe(ENCRYPTION_KEY);
    expect(config.secrets.venueToken).toBeNull();
    expect(() => statSync(join(dataDir, 'secrets.json'))).toThrow();
  });

  test('[KEY-7] former encryption keys are taken, in local mode also the one that was made by itself', () => {
    const former = Buffer.alloc(32, 7).toString('hex');
    const deployed = load({ ...DEPLOYED, FORMER_ENCRYPTION_KEYS: ` ${former}, ${ENCRYPTION_KEY},` });
    const texts = (keys: readonly Uint8Array[]) => keys.map((key) => Buffer.from(key).toString('hex'));
    const given = Buffer.from(ENCRYPTION_KEY, 'base64').toString('hex');
    expect(texts(deployed.secrets.formerEncryptionKeys)).toEqual([former, given]);
    const dataDir = newFolder();
    const made = loadConfig({ FILLWIRE_DATA_DIR: dataDir }, []).secrets;
    expect(made.formerEncryptionKeys).toEqual([]);
    const set = loadConfig({ FILLWIRE_DATA_DIR: dataDir, ENCRYPTION_KEY }, []).secrets;
    expect(texts([set.encryptionKey])).toEqual([given]);
    expect(set.formerEncryptionKeys).toEqual([made.encryptionKey]);
    const problems = problemsOf({ ...DEPLOYED, FORMER_ENCRYPTION_KEYS: `${former},nonsense` });
    expect(problems).toEqual([expect.stringMatching(/^FORMER_ENCRYPTION_KEYS: must be keys of 32 bytes/)]);
  });

  test.each([
    'changeme',
    'your-secret-key-change-in-production',
    'a-string-secret-at-least-256-bits-long',
    'CHANGE_ME_CHANGE_ME_CHANGE_ME_CHANGE_ME',
    'super-secret-jwt-key-for-development-only',
  ])('[CONF-4] R1: the known default %s is refused as such', (secret) => {
    expect(problemsOf({ ...DEPLOYED, JWT_SECRET: secret })).toEqual([
      expect.stringMatching(/^JWT_SECRET: .*known default/),
    ]);
  });

  test.each([
    ['JWT_SECRET', 'pT7kqv2Wz0mYc4NfJx9RbLs6HdQe1Ug', 'too short: 31 characters'],
    ['JWT_SECRET', 'abababababababababababababababababab', 'too regular'],
    ['JWT_SECRET', 'abcdefghijklmnopqrstuvwxyz0123456789', 'too regular'],
    ['ENCRYPTION_KEY', 'short', '32 bytes'],
    ['ENCRYPTION_KEY', '0'.repeat(64), 'too regular'],
    ['POSTGRES_PASSWORD', 'postgres', 'known default'],
    ['POSTGRES_PASSWORD', 'fillwire123', 'known default'],
    ['POSTGRES_PASSWORD', 'x7Kq2', 'too short'],
    ['DATABASE_URL', 'postgres://u:password@db/x', 'known default'],
    ['REDIS_URL', 'redis://:foobared@cache', 'known default'],
  ])('[CONF-4] %s of weak form is refused, and not repeated', (key, value, reason) => {
    const problems = problemsOf({ ...DEPLOYED, [key]: value });
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${key}: .*${reason}`))]);
    expect(problems.join()).not.toContain(value);
  });

  test('[CONF-4] a weak secret is refused in local mode too', () => {
    expect(problemsOf({ JWT_SECRET: 'short' })).toEqual([
      expect.stringContaining('JWT_SECRET: is too short'),
    ]);
  });

  test('[CONF-3] passwords are joined with the addresses they belong to', () => {
    const config = load({
      ...DEPLOYED,
      DATABASE_URL: 'postgres://app@db.internal:6432/trading?sslmode=require',
      POSTGRES_PASSWORD: 'p@ss/w:9#Kq2x',
      REDIS_URL: 'rediss://cache:6380/2',
      REDIS_PASSWORD: 'Zt5_kQ8-vN1r',
    });
    expect(config.database).toEqual({
      kind: 'server',
      url: 'postgres://app:p%40ss%2Fw%3A9%23Kq2x@db.internal:6432/trading?sslmode=require',
    });
    expect(config.redisUrl).toBe('rediss://:Zt5_kQ8-vN1r@cache:6380/2');
  });

  test('[CONF-3] a database on a Unix socket needs no password', () => {
    const { POSTGRES_PASSWORD: _, ...rest } = DEPLOYED;
    expect(load({ ...rest, DATABASE_URL: 'postgres:///fillwire?host=/run/postgresql' }).mode).toBe(
      'deployed',
    );
  });
});

describe('form', () => {
  test('[CONF-5] every malformed variable is told at once, beside those missing', () => {
    const problems = problemsOf({
      HOST: '0.0.0.0',
      PORT: '70000',
      SIM_SPEED: '-1',
      LOG_LEVEL: 'loud',
      ENCRYPTION_KEY: 'no key',
      DATABASE_URL: 'mysql://root:hunter2hunter2@db',
      MAX_BOTS_PER_USER: '1e3',
    });
    expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual(
      [
        'CORS_ORIGINS',
        'DATABASE_URL',
        'ENCRYPTION_KEY',
        'JWT_SECRET',
        'LOG_LEVEL',
        'MAX_BOTS_PER_USER',
        'PORT',
        'SIM_SPEED',
      ].sort(),
    );
    expect(problems.join()).not.toContain('hunter2');
  });

  test('[CONF-6] R4: origins are scheme, host and port; * is none', () => {
    expect(load({ CORS_ORIGINS: 'https://a.example, http://localhost:5173 ,' }).corsOrigins).toEqual([
      'https://a.example',
      'http://localhost:5173',
    ]);
    for (const origins of [
      '*',
      'https://a.example/',
      'a.example',
      'ftp://a.example',
      'https://a.example,nonsense',
    ]) {
      expect(problemsOf({ CORS_ORIGINS: origins }), origins).toEqual([
        expect.stringMatching(/^CORS_ORIGINS: /),
      ]);
    }
  });
});

describe('command line', () => {
  const candles = (): string => {
    const file = join(newFolder(), 'candles.csv');
    writeFileSync(file, '');
    return file;
  };

  test('[CONF-7] a replay names its file, speed and first candle', () => {
    const file = candles();
    expect(load({}, ['--replay', file, '--speed', 'max', '--from', '250']).replay).toEqual({
      file,
      speed: 'max',
      from: 250,
    });
    expect(load({}, ['--replay', file, '--speed=600']).replay).toEqual({ file, speed: 600, from: 0 });
    expect(load({ SIM_SPEED: '10' }, ['--speed', '30']).sim.speed).toBe(30);
  });

  test.each([
    [['--replay', '/nowhere/candles.csv'], '--replay: there is no file'],
    [['--speed', '0'], '--speed: must be'],
    [['--speed', 'max'], '--speed max: needs --replay'],
    [['--from', '3'], '--from: needs --replay'],
    [['--from', '-3'], 'command line:'],
    [['--reply', 'x'], 'command line:'],
    [['stray'], 'command line:'],
  ])('[CONF-7] %j is refused', (argv, problem) => {
    expect(problemsOf({}, argv).join()).toContain(problem);
  });
});
