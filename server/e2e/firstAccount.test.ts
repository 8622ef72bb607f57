import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';

const cleanups = cleanupsAfterEach();

it('[MET-5] a server that others can reach prints the code for its first account, once, and is closed after it', async () => {
  const env = {
    NODE_ENV: 'production',
    JWT_SECRET: randomBytes(48).toString('base64url'),
    ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    CORS_ORIGINS: 'https://trade.example.org',
  };
  const server = await ServerProcess.start({ env });
  cleanups.push(() => server.stop());
  const register = async (name: string, code?: string) => {
    const response = await fetch(`${server.url}/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: `${name}@example.com`, password: 'correct horse battery staple', code }),
    });
    return { status: response.status, text: await response.text() };
  };
  const printed = () =>
    server.program.lines.flatMap((line) => /needs this code: ([A-Z0-9-]{19})$/.exec(line)?.[1] ?? []);
  const code = await eventually('the code is printed', () => printed()[0]);
  expect((await register('eve')).status).toBe(403);
  expect((await register('ada', code)).text).toContain('"role":"admin"');
  expect(await register('eve', code)).toMatchObject({ status: 403 });
  await server.restart('SIGTERM');
  expect(printed()).toEqual([]);
  expect((await register('eve', code)).status).toBe(403);
});
