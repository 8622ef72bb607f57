/** How long after a dialog closed a tap at the same place still belongs to it, ms: what systems take for a double click. */
const SECOND_TAP_MS = 500;
/** How far a finger strays between two taps, px. */
const REACH_PX = 24;

/**
 * Keeps from what is behind a closed dialog the second tap that was meant for its button at `x`, `y`. A mouse says which
 * click of a double click it is; a finger does not everywhere.
 */
export function swallowSecondTap(x: number, y: number): void {
  const ended = new AbortController();
  const swallow = (event: PointerEvent): void => {
    if (event.pointerType === 'mouse' && event.detail < 2) return;
    if (Math.hypot(event.clientX - x, event.clientY - y) > REACH_PX) return;
    event.preventDefault();
    event.stopPropagation();
  };
  window.addEventListener('click', swallow, { capture: true, signal: ended.signal });
  setTimeout(() => ended.abort(), SECOND_TAP_MS);
}
