/** A server that is silent for so long is not ready, ms. */
const PATIENCE_MS = 2_000;

/** Whether the server that this page came from is ready to serve desks. */
export async function serverReady(): Promise<boolean> {
  const { ok } = await fetch('/readyz', { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) });
  return ok;
}
