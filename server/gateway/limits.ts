/** A token bucket: `perSecond` come in, at most `burst` are kept, one operation takes one. */
export interface Rate {
  perSecond: number;
  burst: number;
}

/** A room of browsers behind one router comes at once, and not every second. */
const BURST_OF_CONNECTIONS = 8;

export const newConnectionRate = (perSecond: number): Rate => ({
  perSecond,
  burst: BURST_OF_CONNECTIONS * perSecond,
});

/** Every limit of the gateway. What happens at a limit stands with it. */
export interface GatewayLimits {
  /** Largest frame from a client; a larger one is answered `too_large` and not read. */
  frameBytes: number;
  /** Beyond this a frame is not even received: uWebSockets.js cuts the connection. */
  hardFrameBytes: number;
  /** Channels one connection may be in; more: `denied`. */
  channelsPerConnection: number;
  /** Connections of one user, of one address, of this process; more: accepted, then closed with 4503 or 4003. */
  connectionsPerUser: number;
  connectionsPerAddress: number;
  connections: number;
  /**
   * New connections of an address, before it has said anything; one more is closed at once, and no other is touched.
   * Behind a proxy they are the proxy's, and counted by it. uWebSockets.js gives each about 12 s for its first request.
   */
  newConnectionRate: Rate;
  /** Connections of this process that are no WebSocket (yet); one more is closed at once. */
  httpConnections: number;
  /** Requests of one connection without a reply yet; more: `rate_limited`. Exits have places of their own. */
  outstandingRequests: number;
  outstandingExits: number;
  /** Time from opening to the first `session.authenticate`; then closed with 4500. */
  authTimeoutMs: number;
  /** Longest wait for the identity store while authenticating; then closed with 4003. */
  authWorkMs: number;
  /** `session.expiring` goes out this long before the token ends. */
  expiringNoticeMs: number;
  /** Frames that are no request at all, per window; one more: closed with 4502. */
  malformedFrames: number;
  malformedWindowMs: number;
  /** Requests; at the limit `rate_limited` with `retryAfterMs`. */
  connectionRate: Rate;
  userRate: Rate;
  addressRate: Rate;
  /**
   * What a connection, and all of an address, may send, whatever it is: frames good and bad, pings and pongs, one
   * token each and one more per `inputBytesPerToken`. Taken before anything is read; without a token the connection is
   * closed with 4004. An address without one closes only those that have not authenticated.
   */
  inputRate: Rate;
  addressInputRate: Rate;
  inputBytesPerToken: number;
  /** Time one turn of the event loop gives to frames; the rest waits for the next, each connection in its turn. */
  inputTurnMs: number;
  /**
   * HTTP requests of an address, upgrades too, one token each and one more per `httpBytesPerToken` of the answer;
   * without a token 429, and the connection is closed.
   */
  httpRate: Rate;
  httpBytesPerToken: number;
  /**
   * What the kernel keeps unread of a connection: the most that one read hands over. Below the 512 KB that
   * uWebSockets.js reads at once (the kernel may double it).
   */
  receiveBufferBytes: number;
  /** HTTP requests of an address in one turn of the event loop; one more counts as having no token left. */
  httpPerTurn: number;
  /** The reserved budget of exits (stop, cancel, close, reduce, emergency), which take from no other. */
  exitConnectionRate: Rate;
  exitUserRate: Rate;
  /** How often every socket's buffer is looked at. */
  slowReaderCheckMs: number;
  /** Buffered bytes above which a socket leaves its latest-wins topics until it has drained. */
  conflateAboveBytes: number;
  /** Buffered bytes above which a socket is closed with 4000. */
  closeAboveBytes: number;
  /** Where uWebSockets.js itself drops; never reached by a socket that is checked, and any drop closes it. */
  maxBackpressureBytes: number;
  /** Silence after which a connection is dead; pings go out before. 8–960. */
  idleTimeoutSeconds: number;
  /** What one desk keeps for those who resume; older frames are read from the log. */
  ringFrames: number;
  ringBytes: number;
  /** A resume over more frames than this gets a snapshot. */
  resumeFrames: number;
  /** A desk without sockets is forgotten after this. */
  deskGraceMs: number;
  /** How often `head` goes out. */
  headEveryMs: number;
  /** How often the heads of the served desks are read from the log. */
  headsPollMs: number;
  /** Unacknowledged for longer than this: the device is stale. */
  staleAfterMs: number;
  /** Fills of a desk whose times are kept for measuring their delivery. */
  deliveryMarks: number;
  /** Candle updates kept beside a cached history before it is read anew. */
  candleRecent: number;
  /** Largest body of an HTTP request; larger: 413, and the connection is closed. */
  httpBodyBytes: number;
  /** Pieces that such a body may come in, each of which costs a call; more: the connection is closed at once. */
  httpBodyPieces: number;
  /** Time for such a body to come; then 408, and the connection is closed. */
  httpBodyMs: number;
  /** Logins and registrations, and refreshes and logouts, per address and minute; more: 429. */
  credentialsPerMinute: number;
  refreshesPerMinute: number;
  /** A client told of a restart comes back after this long, spread at random. */
  reconnectMinMs: number;
  reconnectMaxMs: number;
  /** Sockets ended per turn when closing. */
  closeBatch: number;
}

export const GATEWAY_LIMITS: GatewayLimits = {
  frameBytes: 64 * 1_024,
  hardFrameBytes: 256 * 1_024,
  channelsPerConnection: 50,
  connectionsPerUser: 20,
  connectionsPerAddress: 200,
  connections: 15_000,
  newConnectionRate: newConnectionRate(50),
  httpConnections: 4_000,
  outstandingRequests: 64,
  outstandingExits: 32,
  authTimeoutMs: 5_000,
  authWorkMs: 30_000,
  expiringNoticeMs: 60_000,
  malformedFrames: 8,
  malformedWindowMs: 60_000,
  connectionRate: { perSecond: 50, burst: 100 },
  userRate: { perSecond: 100, burst: 300 },
  addressRate: { perSecond: 400, burst: 1_200 },
  inputRate: { perSecond: 200, burst: 600 },
  addressInputRate: { perSecond: 2_000, burst: 6_000 },
  inputBytesPerToken: 2 * 1_024,
  inputTurnMs: 4,
  httpRate: { perSecond: 100, burst: 400 },
  httpBytesPerToken: 32 * 1_024,
  receiveBufferBytes: 32 * 1_024,
  httpPerTurn: 32,
  exitConnectionRate: { perSecond: 20, burst: 50 },
  exitUserRate: { perSecond: 50, burst: 150 },
  slowReaderCheckMs: 100,
  conflateAboveBytes: 64 * 1_024,
  closeAboveBytes: 1_024 * 1_024,
  maxBackpressureBytes: 16 * 1_024 * 1_024,
  idleTimeoutSeconds: 60,
  ringFrames: 1_000,
  ringBytes: 512 * 1_024,
  resumeFrames: 1_000,
  deskGraceMs: 60_000,
  headEveryMs: 10_000,
  headsPollMs: 3_000,
  staleAfterMs: 5_000,
  deliveryMarks: 64,
  candleRecent: 50,
  httpBodyBytes: 16 * 1_024,
  httpBodyPieces: 256,
  httpBodyMs: 10_000,
  credentialsPerMinute: 30,
  refreshesPerMinute: 300,
  reconnectMinMs: 500,
  reconnectMaxMs: 5_000,
  closeBatch: 200,
};

/** Buckets of `intervalMs`: an interval asked for is rounded up to the next, so that sockets can share topics. */
const CONFLATION_MS = [100, 250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000] as const;

/** The bucket of an asked `intervalMs`; 0: every turn of the loop. */
export function conflationBucket(intervalMs: number | undefined): number {
  return intervalMs === undefined ? 0 : (CONFLATION_MS.find((step) => step >= intervalMs) ?? 0);
}

/** What `session.authenticate` tells a client about its limits. */
export function publicLimits(limits: GatewayLimits): Record<string, number> {
  return {
    frameBytes: limits.frameBytes,
    channelsPerConnection: limits.channelsPerConnection,
    connectionsPerUser: limits.connectionsPerUser,
    outstandingRequests: limits.outstandingRequests,
    outstandingExits: limits.outstandingExits,
    requestsPerSecond: limits.connectionRate.perSecond,
    requestsBurst: limits.connectionRate.burst,
    inputPerSecond: limits.inputRate.perSecond,
    inputBurst: limits.inputRate.burst,
    exitsPerSecond: limits.exitConnectionRate.perSecond,
    exitsBurst: limits.exitConnectionRate.burst,
    resumeFrames: limits.resumeFrames,
  };
}
