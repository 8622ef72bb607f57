/** Funding is exchanged every 8 hours of market time, at 00:00, 08:00 and 16:00 UTC. */
export const FUNDING_INTERVAL_MS = 8 * 3_600_000;

/** The funding time that ends the interval containing `ts`; a funding time belongs to the interval it starts. */
export function nextFundingTime(ts: number): number {
  return (Math.floor(ts / FUNDING_INTERVAL_MS) + 1) * FUNDING_INTERVAL_MS;
}
