import type { Box } from './freePlace.ts';

const CONTROLS =
  'button, a[href], input, select, textarea, summary, label:has(input), [role=button], [tabindex="0"]';

/** Boxes of what can be pressed now: of the dialog where one is open, of the page otherwise. */
export function controlsInSight(messages: HTMLElement): Box[] {
  const scope = document.querySelector('dialog[open]') ?? document;
  const boxes: Box[] = [];
  for (const control of scope.querySelectorAll(CONTROLS)) {
    if (messages.contains(control)) continue;
    const { left, top, width, height, bottom } = control.getBoundingClientRect();
    if (width > 0 && height > 0 && bottom > 0 && top < innerHeight) boxes.push({ left, top, width, height });
  }
  return boxes;
}
