/*
 * The classic API gives an order another client id whenever it is changed. Ours stays the order's own: what the exchange is
 * given is ours, packed, with the moment of the change behind it.
 */

/** As the core makes them: 128 bits. */
const OURS = /^[0-9a-f]{32}$/;
const PACKED = /^A\.([\w-]{22})\.[0-9a-z]+$/;
/** Others that are short enough go along as they are. */
const SHORT = /^[.A-Z:/a-z0-9_-]{1,22}$/;
const PLAIN = /^B\.(.+)\.[0-9a-z]+$/;
/** Of the longest id the exchange takes, what is left for the moment: seconds, in base 36. */
const MOMENT_CHARS = 7;

/** The id for a change at `now`; of one that is long and not like ours, an id that says nothing of it. */
export function amendedId(clientOrderId: string | null, now: number): string {
  const moment = now.toString(36).slice(-MOMENT_CHARS);
  if (clientOrderId === null) return `C.${moment}`;
  if (SHORT.test(clientOrderId)) return `B.${clientOrderId}.${moment}`;
  if (!OURS.test(clientOrderId)) return `C.${moment}`;
  return `A.${Buffer.from(clientOrderId, 'hex').toString('base64url')}.${moment}`;
}

/** Ours, of an id that an order has now. */
export function originalId(clientOid: string | null): string | null {
  if (clientOid === null) return null;
  const packed = PACKED.exec(clientOid)?.[1];
  if (packed !== undefined) return Buffer.from(packed, 'base64url').toString('hex');
  return PLAIN.exec(clientOid)?.[1] ?? clientOid;
}
