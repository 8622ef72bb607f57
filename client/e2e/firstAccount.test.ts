import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../server/testing/e2e/eventually.ts';
import { ServerProcess } from '../../server/testing/e2e/serverProcess.ts';
import { startNginx } from '../../server/testing/nginxProcess.ts';
import { requireOrSkip } from '../../server/testing/requireOrSkip.ts';
import { DESKTOP, launchChromium, openDevice, PHONE } from './browser.ts';

const lacks = ['chromium', 'nginx'].some(requireOrSkip);

describe.skipIf(lacks)('a server that others can reach, behind its proxy', () => {
  let server: ServerProcess;
  let browser: Browser;
  let nginx: Awaited<ReturnType<typeof startNginx>>;
  let folder: string;
  let url: string;

  beforeAll(async () => {
    server = await ServerProcess.start({
      env: {
        NODE_ENV: 'production',
        TRUSTED_PROXY_HOPS: '1',
        JWT_SECRET: randomBytes(48).toString('base64url'),
        ENCRYPTION_KEY: randomBytes(32).toString('base64'),
        CORS_ORIGINS: 'https://trade.example.org',
      },
    });
    folder = mkdtempSync(join(tmpdir(), 'fw-first-'));
    nginx = await startNginx(folder, server.port);
    url = `http://127.0.0.1:${nginx.port}`;
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await nginx?.stop();
    await server?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  test('[MET-5] the code for the first account is asked for once the server does, a wrong one is refused, the printed one lets in; a stranger is told that it is closed', async () => {
    const code = await eventually(
      'the code is printed',
      () =>
        server.program.lines.flatMap((line) => /needs this code: ([A-Z0-9-]{19})/.exec(line)?.[1] ?? [])[0],
    );
    const { page, problems } = await openDevice(browser, url, DESKTOP);
    const register = page.locator('button[type=submit]');
    await page.locator('#email').fill('ada@example.com');
    await page.locator('#password').fill('correct horse battery staple');
    await register.click();
    await page.locator('#code').fill('AAAA-BBBB-CCCC-DDDD');
    await register.click();
    await page.getByRole('alert').waitFor();
    expect(await page.locator('#code').inputValue()).toBe('AAAA-BBBB-CCCC-DDDD');
    await page.locator('#code').fill(code);
    await register.click();
    await page.locator('[data-connection=live]').waitFor();

    const stranger = await openDevice(browser, url, { ...PHONE, locale: 'en-GB' });
    await stranger.page.locator('#email').fill('eve@example.com');
    await stranger.page.locator('#password').fill('correct horse battery staple');
    await stranger.page.locator('button[type=submit]').click();
    await stranger.page.getByText(/takes no new accounts/).waitFor();
    expect(await stranger.page.locator('[data-connection=live]').count()).toBe(0);
    // A refused login is a status of HTTP, which a browser tells of by itself.
    expect([...problems, ...stranger.problems].filter((text) => !/403/.test(text))).toEqual([]);
  });
});
