import type { Page } from 'playwright-core';

/** Names, units and abbreviations that are Latin in Korean too. */
const LATIN =
  /Fillwire|USDT|BTC|ETH|SOL|XRP|DOGE|Chrome|Linux|Safari|iPhone|Windows|UTC|GMT(?:[+-]\d+)?|English|Enter|PnL|RSI|EMA|MACD|ADX|someone@example\.com|grid-watch\.ts|\d+ ?ms\b|Charting by TradingView|[13]?5?m\b|[14]h\b|1d\b|\bs\b/g;

/** Latin words in what is told at one place. */
export const latinIn = (stageName: string, text: string): string[] =>
  /[A-Za-z]{2,}/.test(text.replace(LATIN, '')) ? [`${stageName}: ${text.trim()}`] : [];

/** Hangul on an English screen, whoever said it; the name of that language is its own. */
export const hangul = async (page: Page, stageName: string): Promise<string[]> => {
  const text = (await page.locator('body').innerText()).replaceAll('한국어', '');
  return (text.match(/[^\n]*[가-힣][^\n]*/g) ?? []).map((line) => `${stageName}: ${line.trim()}`);
};

/** Latin words on a Korean screen, whoever said them. */
export const latinWords = (page: Page, stageName: string): Promise<string[]> =>
  page.evaluate(
    ({ at, latin }) => {
      const found = new Set<string>([document.title.replace(new RegExp(latin, 'g'), '')]);
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        const parent = node.parentElement;
        if (parent === null || parent.closest('script, style, noscript') !== null) continue;
        if (parent.checkVisibility()) found.add((node.textContent ?? '').replace(new RegExp(latin, 'g'), ''));
      }
      for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]'))
        for (const name of ['aria-label', 'title', 'placeholder'])
          if (element.checkVisibility())
            found.add((element.getAttribute(name) ?? '').replace(new RegExp(latin, 'g'), ''));
      return [...found].filter((text) => /[A-Za-z]{2,}/.test(text)).map((text) => `${at}: ${text.trim()}`);
    },
    { at: stageName, latin: LATIN.source },
  );
