import { expect, it } from 'vitest';
import { z } from 'zod';
import { wireErrorSchema } from '../../shared/protocol/errors.ts';
import type { OpName } from '../../shared/protocol/ops.ts';
import { worldStarter } from '../testing/worldStarter.ts';
import { HTTP_ROUTES } from '../tools/lib/reference/httpRoutes.ts';

const start = worldStarter();

it('[MET-11] details are of one closed shape per code: what breaks it does not validate', () => {
  const error = { code: 'denied', message: 'no', retryable: false };
  const figures = { actual: '2', allowed: '1', coin: 'USDT' };
  const denial = { limit: 'balance', figures };
  const validates = (one: object): boolean => wireErrorSchema.safeParse(one).success;
  expect(validates({ ...error, details: { denials: [denial] } })).toBe(true);
  expect(validates({ ...error, details: denial })).toBe(false);
  expect(validates(error)).toBe(false);
  expect(validates({ ...error, retryable: true, details: { denials: [denial] } })).toBe(false);
  expect(validates({ ...error, details: { denials: [{ ...denial, limit: 'mood' }] } })).toBe(false);
  const away = { code: 'unavailable', message: 'away', retryable: true };
  expect(validates({ ...away, details: { retryAfterMs: 1_000 } })).toBe(true);
  expect(validates({ ...away, details: {} })).toBe(false);
});

const BAD: [OpName, object, object][] = [
  ['market.candles', { venue: 'sim', symbol: 'BTCUSDT', interval: '2m' }, { path: 'args.interval' }],
  ['history.fills', { limit: 0 }, { path: 'args.limit', allowed: ['at least 1'] }],
  ['history.fills', { limit: 1_001 }, { path: 'args.limit', allowed: ['at most 1000'] }],
  ['history.fills', { cursor: 'mine' }, { path: 'args.cursor', allowed: [] }],
  ['orders.list', { account: 'a' }, { path: 'args.account', allowed: ['accountId'] }],
  ['orders.list', { accountId: 7 }, { path: 'args.accountId', allowed: ['string'] }],
  ['bots.pause', { botId: 'b' }, { path: 'commandId', allowed: [] }],
];

it.each(BAD)(
  '[MET-11] %s with %o is refused with path, problem and what is allowed',
  async (op, args, issue) => {
    const world = await start();
    const client = await world.session(await world.user());
    const reply = await client.request(op, args as never);
    expect(reply).toMatchObject({
      ok: false,
      error: { code: 'bad_request', details: { issues: [{ problem: expect.any(String), ...issue }] } },
    });
  },
);

it('[MET-11] wherever waiting helps the time is told, and only there it is retryable', async () => {
  const world = await start();
  const client = await world.session(await world.user());
  world.health.failed('store_silent', 'in a test');
  const away = await client.request('history.fills', {});
  expect(away).toMatchObject({
    error: { code: 'unavailable', retryable: true, details: { retryAfterMs: expect.any(Number) } },
  });
  expect(await client.request('market.instruments', { venue: 'moon' })).toMatchObject({
    error: { code: 'not_found', retryable: false, details: { what: 'venue', id: 'moon' } },
  });
});

it('[MET-11] HTTP refuses in the same shapes', async () => {
  const world = await start();
  const post = async (path: string, body: string): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`http://127.0.0.1:${world.port}${path}`, { method: 'POST', headers, body });
    return ((await answer.json()) as { error: unknown }).error;
  };
  const bodies: [string, string][] = [
    ['/auth/login', '{}'],
    ['/auth/login', 'not JSON'],
    ['/auth/login', JSON.stringify({ email: 'a@example.com', password: 'wrong' })],
    ['/auth/register', JSON.stringify({ email: 'a@example.com', password: 'short' })],
    ['/auth/refresh', '{}'],
    ['/auth/refresh', JSON.stringify({ refresh_token: 'x' })],
    ['/auth/login', `"${'x'.repeat(20_000)}"`],
  ];
  for (const [path, body] of bodies) {
    const error = await post(path, body);
    expect(wireErrorSchema.parse(error)).toEqual(error);
  }
});

it('[MET-15] bodies and answers over HTTP are written in one way', async () => {
  const named = (schema: z.ZodType): string[] =>
    JSON.stringify(z.toJSONSchema(schema, { io: 'input' })).match(/"[A-Za-z]+[A-Z_][A-Za-z_]*":/g) ?? [];
  const ownWords = /"(minLength|maxLength|anyOf|additionalProperties|propertyNames|exclusiveMinimum)":/;
  const http = HTTP_ROUTES.flatMap(({ body, answer }) => [body, answer]).filter((schema) => schema !== null);
  const names = http.flatMap(named).filter((name) => !ownWords.test(name));
  expect(names).toContain('"refresh_token_in":');
  expect(names.filter((name) => /[A-Z]/.test(name))).toEqual([]);
});
