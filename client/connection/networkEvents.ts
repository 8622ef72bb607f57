import type { FillwireClient } from '../../shared/sdk/client.ts';

/** Hands on what the browser knows of the network sooner than silence would tell, and that a page is looked at again. */
export function followNetwork(client: Pick<FillwireClient, 'networkLost' | 'networkBack'>): void {
  window.addEventListener('offline', () => client.networkLost());
  window.addEventListener('online', () => client.networkBack());
  // Timers of a page in the background are slow, or stand still on a phone that sleeps.
  window.addEventListener('pageshow', () => client.networkBack());
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) client.networkBack();
  });
}
