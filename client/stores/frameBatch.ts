/** How long a burst is gathered while the page is hidden (it gets no animation frames then), ms. */
const HIDDEN_BATCH_MS = 250;

/**
 * Runs `work` at most once per animation frame however often it is asked for: a burst of frames from the server is
 * one change of the screen.
 */
export function frameBatch(work: () => void): () => void {
  let pending = false;
  const run = (): void => {
    pending = false;
    work();
  };
  return () => {
    if (pending) return;
    pending = true;
    if (typeof document !== 'undefined' && !document.hidden) requestAnimationFrame(run);
    else setTimeout(run, HIDDEN_BATCH_MS);
  };
}
