/** The name of one market on the wire: `sim.BTCUSDT`. `symbol`: as the venue spells it. */
export function marketKey(venue: string, symbol: string): string {
  return `${venue}.${symbol}`;
}
