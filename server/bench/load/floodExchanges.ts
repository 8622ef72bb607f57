import type { EndlessKind } from '../../testing/endlessInput.ts';

/** What can be asked of processes/floodClients.ts. */
export type FloodExchanges = {
  /** Begins; each connection that is closed is opened again at once. */
  flood: { request: { port: number; kind: EndlessKind; connections: number }; answer: object };
  /** Ends: how often it was thrown out, and how much it got rid of. */
  stop: { request: object; answer: { closed: number; megabytes: number } };
};
