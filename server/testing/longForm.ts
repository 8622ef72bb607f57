/** `npm run test:long`: tests do all that they can; in `npm test` some do less of the same. */
const LONG = process.env.FILLWIRE_LONG === '1';

/** How much of something a test does, or with what. */
export function inLongForm<T>(long: T, short: T): T {
  return LONG ? long : short;
}
