import type { Page } from 'playwright-core';

/** What a finger hits surely, px. */
const TAP_PX = 40;
/** Words in a column narrower than this break between letters, px. */
const COLUMN_PX = 48;

/** What does not fit the screen, the box or the finger on the page as it is; empty: all is well. */
export const layoutProblems = (page: Page): Promise<string[]> =>
  page.evaluate(
    ({ tapPx, columnPx }) => {
      const found: string[] = [];
      const root = document.documentElement;
      if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} px wide`);
      const name = (element: Element): string =>
        `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''} “${(element.textContent ?? '').trim().slice(0, 40)}”`;
      const coarse = matchMedia('(pointer: coarse)').matches;
      for (const element of document.querySelectorAll<HTMLElement>('body *')) {
        if (
          element.closest('.sr, svg, option') !== null ||
          !element.checkVisibility({ visibilityProperty: true })
        )
          continue;
        const box = element.getBoundingClientRect();
        if (box.width === 0 || box.right <= 0 || box.bottom + scrollY <= 0) continue;
        const around = element.parentElement?.getBoundingClientRect();
        if (element.matches('.card') && around !== undefined && box.right > around.right + 1)
          found.push(`a card ${box.right - around.right} px wider than its column: ${name(element)}`);
        const style = getComputedStyle(element);
        const ownText = [...element.childNodes].some(
          (node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? '').trim().length > 3,
        );
        if (ownText && style.display !== 'inline') {
          if (element.scrollWidth > element.clientWidth + 1)
            found.push(`text wider than its box: ${name(element)}`);
          const lines = element.clientHeight / Number.parseFloat(style.lineHeight);
          if (box.width < columnPx && lines > 3)
            found.push(`text in a column of ${box.width} px: ${name(element)}`);
        }
        if (!coarse || !element.matches('button, select, summary, .input, label:has(> input), nav a'))
          continue;
        if (box.height < tapPx || box.width < tapPx)
          found.push(`a tap target of ${box.width}×${box.height} px: ${name(element)}`);
      }
      return found;
    },
    { tapPx: TAP_PX, columnPx: COLUMN_PX },
  );
