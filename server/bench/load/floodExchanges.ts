/** Everything a connection can send without end. */
export const FLOODS = [
  'frames',
  'pings',
  'pongs',
  'large frames',
  'fragments',
  'HTTP requests',
  'HTTP bodies',
] as const;
export type Flood = (typeof FLOODS)[number];

/** What can be asked of processes/floodClients.ts. */
export type FloodExchanges = {
  /** Begins; each connection that is closed is opened again at once. */
  flood: { request: { port: number; kind: Flood; connections: number }; answer: object };
  /** Ends: how often it was thrown out, and how much it got rid of. */
  stop: { request: object; answer: { closed: number; megabytes: number } };
};
