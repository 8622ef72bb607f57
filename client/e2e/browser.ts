import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { PATIENCE_MS } from '../../server/testing/patience.ts';

export const CHROMIUM = '/usr/bin/chromium';

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
