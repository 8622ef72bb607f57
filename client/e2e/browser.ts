import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { vi } from 'vitest';
import { PATIENCE_MS } from '../../server/testing/patience.ts';

export const CHROMIUM = '/usr/bin/chromium';
const CONFIG = fileURLToPath(new URL('../vite.config.ts', import.meta.url));

/** Builds the dashboard into a folder of its own, so that a test never depends on, or spoils, an earlier build. */
export async function buildDashboard(): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), 'fillwire-client-'));
  // As it is shipped: under the test's own NODE_ENV it would be a larger build, for development.
  vi.stubEnv('NODE_ENV', 'production');
  await build({
    configFile: CONFIG,
    logLevel: 'error',
    build: { outDir, emptyOutDir: true, reportCompressedSize: false },
  });
  vi.unstubAllEnvs();
  if (!existsSync(join(outDir, 'index.html'))) throw new Error(`no index.html in ${outDir}`);
  return outDir;
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export interface Screen {
  width: number;
  height: number;
  colorScheme: 'light' | 'dark';
  locale: 'en-GB' | 'ko-KR';
  /** Default: UTC. */
  timeZone?: string;
}
export const DESKTOP: Screen = { width: 1440, height: 900, colorScheme: 'light', locale: 'en-GB' };
export const PHONE: Screen = { width: 390, height: 844, colorScheme: 'dark', locale: 'ko-KR' };

/** A device of its own: separate storage, and everything its page complained about. */
export async function openDevice(
  browser: Browser,
  url: string,
  screen: Screen,
): Promise<{ context: BrowserContext; page: Page; problems: string[] }> {
  const { width, height, colorScheme, locale, timeZone = 'UTC' } = screen;
  const phone = width < 600;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    locale,
    timezoneId: timeZone,
    hasTouch: phone,
    isMobile: phone,
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    const expected = /401|503|ERR_CONNECTION|ERR_INTERNET_DISCONNECTED|WebSocket connection/.test(
      message.text(),
    );
    if (message.type() === 'error' && !expected) problems.push(message.text());
  });
  await page.goto(url);
  return { context, page, problems };
}
