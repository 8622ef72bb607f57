/** The subprotocol a client offers; none offered means this one. */
export const SUBPROTOCOL = 'fillwire.v1.json';
/** Bumped when reduceView or the shape of the view changes: hashes are compared only between equal versions. */
export const VIEW_VERSION = 1;
