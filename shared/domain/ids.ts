/** Ids are opaque strings. Aliases document which one is meant; isolation is by lookup in the owner's desk. */
export type UserId = string;
/** A desk belongs to exactly one user and carries that user's id. */
export type DeskId = UserId;
export type DeviceId = string;
export type AccountId = string;
export type BotId = string;
/** Our own id of an order, ≤ 32 characters of `[a-z0-9]`: the id the venue is given too. */
export type ClientOrderId = string;
export type FillId = string;
/** `sim`, later `bitget`, `bitget-demo`. */
export type VenueId = string;
/** As the venue spells it: `BTCUSDT`. */
export type Symbol = string;
/** Milliseconds since 1970-01-01T00:00Z, an integer. */
export type EpochMs = number;

/** The name of one market on the wire: `sim.BTCUSDT`. */
export function marketKey(venue: VenueId, symbol: Symbol): string {
  return `${venue}.${symbol}`;
}
