/*
 * The classic API gives an order another client id whenever it is changed. Ours stays the order's own: what the exchange is
 * given is ours, packed, with the moment of the change behind it.
 */

/** As the core makes them: 128 bits. */
const OURS = /^[0-9a-f]{32}$/;
const AMENDED = /^A\.([\w-]{22})\.[0-9a-z]+$/;
/** Of the longest id the exchange takes, what is left for the moment: seconds, in base 36. */
const MOMENT_CHARS = 7;

/** The id for a change at `now`; of an id that is not like ours, one that says nothing of it. */
export function amendedId(clientOrderId: string | null, now: number): string {
  const moment = now.toString(36).slice(-MOMENT_CHARS);
  if (clientOrderId === null || !OURS.test(clientOrderId)) return `A.${moment}`;
  return `A.${Buffer.from(clientOrderId, 'hex').toString('base64url')}.${moment}`;
}

/** Ours, of an id that an order has now. */
export function originalId(clientOid: string | null): string | null {
  const packed = clientOid === null ? undefined : AMENDED.exec(clientOid)?.[1];
  return packed === undefined ? clientOid : Buffer.from(packed, 'base64url').toString('hex');
}
