import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { startLinkedServer } from '../testing/e2e/linkedServer.ts';
import { say } from '../testing/e2e/say.ts';

const cleanups = cleanupsAfterEach();

it('[MET-6] neither an outage nor NUL brings a password, its hash, an e-mail or a token into the log', async () => {
  const { server, link } = await startLinkedServer(cleanups, {});
  const marker = randomUUID();
  const credentials = { email: `${marker}@example.com`, password: `correct horse ${randomUUID()}` };
  const post = (path: string, body: object) =>
    fetch(`${server.url}/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const registered = await post('register', credentials);
  const tokens = (await registered.json()) as { access_token: string; refresh_token: string };
  expect(registered.status).toBe(200);
  const nul = await post('login', { ...credentials, device: { id: 'x\0', name: 'x', kind: 'phone' } });
  expect(nul.status).toBe(400);
  link.refuse();
  const asked = await Promise.all([
    ...Array.from({ length: 3 }, (_, n) =>
      post('register', { ...credentials, email: `${n}-${credentials.email}` }),
    ),
    post('login', credentials),
    post('refresh', { refresh_token: tokens.refresh_token }),
    post('logout', { refresh_token: tokens.refresh_token }),
  ]);
  expect(asked.map(({ status }) => status)).toContain(503);
  const lines = server.program.lines;
  await eventually('the log tells of it', () =>
    lines.some((line) => line.includes('an auth request failed')),
  );
  const log = lines.join('\n');
  say(`${lines.filter((line) => line.includes('an auth request failed')).length} failures in the log`);
  for (const secret of [marker, credentials.password, 'argon2', tokens.refresh_token, tokens.access_token])
    expect(log).not.toContain(secret);
});
