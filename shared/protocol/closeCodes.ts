/** Why the server closes a socket. Below 4500: connect again. From 4500: not without the named change. */
export const CLOSE = {
  restarting: 1012,
  slowReader: 4000,
  tokenExpired: 4001,
  resync: 4002,
  overloaded: 4003,
  flooding: 4004,
  unauthenticated: 4500,
  revoked: 4501,
  protocolViolation: 4502,
  connectionLimit: 4503,
} as const;
export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];
