import { DrizzleQueryError } from 'drizzle-orm/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPinoLogger } from './pinoLogger.ts';

function logLine(
  fields: object,
  message = 'something happened',
): { text: string; line: Record<string, unknown> } {
  let text = '';
  const logger = createPinoLogger({
    level: 'debug',
    fields: { service: 'test' },
    destination: {
      write: (chunk) => {
        text += chunk;
      },
    },
  });
  logger.warn(fields, message);
  return { text, line: JSON.parse(text) };
}

const SECRET = 'hunter2-Zq81xT';

describe('redaction', () => {
  test.each([
    'password',
    'passwordHash',
    'newPassword',
    'token',
    'refresh_token',
    'accessToken',
    'authorization',
    'Cookie',
    'set-cookie',
    'apiKey',
    'API_KEY',
    'api-key',
    'keys',
    'jwtSecret',
    'encryptionKey',
    'passphrase',
    'privateKey',
    'credentials',
    'totp',
    'backupCodes',
  ])('[CONF-8] a member named %s never reaches the output, at any depth', (name) => {
    const nested = { a: { b: [{ c: { d: { [name]: SECRET } } }] } };
    for (const fields of [
      { [name]: SECRET },
      { [name]: { deep: [SECRET] } },
      { nested },
      new Map([[name, SECRET]]),
    ]) {
      expect(logLine({ fields }).text).not.toContain(SECRET);
    }
  });

  test('[CONF-8] random shapes: a secret under a secret name never reaches the output', () => {
    const wrap = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constant({ password: SECRET }),
        fc.record({ x: tie('value') }),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
    })).value;
    fc.assert(
      fc.property(wrap, (value) => {
        expect(logLine({ value }).text).not.toContain(SECRET);
      }),
      { numRuns: 200 },
    );
  });

  test('[CONF-8] errors give type, message, stack and cause, without the secrets in any of them', () => {
    const cause = Object.assign(new Error(`connect postgres://app:${SECRET}@db/x failed`), {
      token: SECRET,
      code: 'E42',
    });
    const error = new TypeError(`login failed: password=${SECRET}`, { cause });
    for (const fields of [
      { err: error },
      { some: { error } },
      error,
      { err: new AggregateError([cause], 'both') },
    ]) {
      const { text } = logLine(fields);
      expect(text).not.toContain(SECRET);
      expect(text).toContain('E42');
    }
    const { line } = logLine({ err: error });
    expect(line.err).toMatchObject({ type: 'TypeError', message: 'login failed: password=[redacted]' });
    expect(JSON.stringify(line.err)).toContain('pinoLogger.test.ts');
  });

  test.each([
    `redis://:${SECRET}@cache:6379`,
    `Authorization: Bearer ${SECRET}`,
    `{"token":"${SECRET}"}`,
    `https://beat.example/ping?token=${SECRET}&x=1`,
    `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${SECRET}`,
  ])('[CONF-8] secrets inside text are cut out by their form: %s', (text) => {
    expect(logLine({ text }).text).not.toContain(SECRET);
    expect(logLine({}, text).text).not.toContain(SECRET);
  });

  test('[MET-6] what a database was given is cut out of its errors by value, wherever they repeat it', () => {
    const hash = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g';
    const email = 'ada@example.com';
    const cause = Object.assign(new Error(`duplicate key value: ${email}`), {
      code: '23505',
      detail: `Key (email)=(${email}) already exists.`,
      where: `unnamed portal with parameters: $1 = '${hash}'`,
    });
    const query = 'select create_user($1, $2)';
    const typed = new DrizzleQueryError(query, [email, hash, 7], cause);
    const raw = Object.defineProperties(new Error(`value too long: ${hash}`), {
      query: { value: query },
      parameters: { value: [hash, email] },
      args: { value: [[hash], email] },
    });
    for (const error of [
      typed,
      raw,
      new Error('outer', { cause: typed }),
      new AggregateError([typed, raw]),
    ]) {
      for (const { text } of [logLine({ error }), logLine({ error: String(error) }), logLine(error)]) {
        expect(text).not.toContain(email);
        expect(text).not.toContain('argon2id');
      }
    }
    expect(logLine({ error: typed }).text).toContain('select create_user($1, $2)');
    expect(logLine({ error: typed }).text).toContain('23505');
  });

  test('[CONF-9] what is no secret stays readable', () => {
    const { line } = logLine({
      botId: 'b1',
      symbol: 'BTCUSDT',
      seq: 12n,
      expired: false,
      at: new Date(0),
      price: '1.5',
      token: null,
    });
    expect(line).toMatchObject({
      level: 'warn',
      service: 'test',
      msg: 'something happened',
      botId: 'b1',
      symbol: 'BTCUSDT',
      seq: '12',
      expired: false,
      at: '1970-01-01T00:00:00.000Z',
      price: '1.5',
      token: null,
    });
  });

  test('[CONF-9] no value can break or flood a line: cycles, depth, length, throwing getters', () => {
    const circular: Record<string, unknown> = { list: Array.from({ length: 5_000 }, (_, index) => index) };
    circular.self = circular;
    circular.long = 'x'.repeat(1_000_000);
    circular.bytes = new Uint8Array(1_000_000);
    circular.deep = JSON.parse(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`);
    Object.defineProperty(circular, 'broken', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    const { text, line } = logLine(circular);
    expect(text.length).toBeLessThan(20_000);
    expect(line.self).toBe('[circular]');
    expect(line.bytes).toBe('[1000000 bytes]');
  });

  test('[CONF-9] lines below the level are not written', () => {
    let lines = 0;
    const logger = createPinoLogger({ level: 'warn', destination: { write: () => lines++ } });
    logger.debug({}, 'no');
    logger.info({}, 'no');
    logger.error({}, 'yes');
    expect(lines).toBe(1);
  });
});
