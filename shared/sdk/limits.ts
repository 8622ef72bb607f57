/** Every bound of the SDK, with its unit. What happens there is in spec/sdk.md. */
export const SDK_LIMITS = {
  /** Full-jitter backoff: a random share of min(cap, base × 2^attempt). */
  backoffBaseMs: 500,
  backoffCapMs: 30_000,
  /** Least delay after 4003: the server asked for air. */
  overloadedMinDelayMs: 1_000,
  /** After 4503 the retry comes somewhere in this range. */
  connectionLimitMinDelayMs: 30_000,
  connectionLimitMaxDelayMs: 60_000,
  /** Longest delay a `server.restarting` may ask for. */
  restartMaxDelayMs: 60_000,
  /** A connection that lived this long starts the backoff anew. */
  stableAfterMs: 10_000,
  /** How often a server that is away is asked whether it is ready, and over how long its clients then come back. */
  readyEveryMs: 1_000,
  readySpreadMs: 500,
  /** From opening the socket to the reply to `session.authenticate`. */
  connectTimeoutMs: 10_000,
  /** For the SDK's own calls: join, subscribe, ping, ack, refresh. */
  callTimeoutMs: 15_000,
  /** Between two looks at the connection's health. */
  heartbeatMs: 1_000,
  /** Nothing heard for so long: ping; then stale; then the socket is given up. The server sends a head each 10 s. */
  pingAfterIdleMs: 4_000,
  staleAfterMs: 7_000,
  deadAfterMs: 20_000,
  /** Once the platform doubts the network, the server has so long to be heard before the socket is given up. */
  doubtMs: 3_000,
  /** The server's clock is asked at least this often. */
  clockSampleEveryMs: 60_000,
  clockSamples: 8,
  /** Tokens are replaced this long before they expire. */
  refreshBeforeExpiryMs: 60_000,
  /** Least time between two attempts to replace the token of an open connection. */
  tokenRetryMs: 1_000,
  /** Least time between two joins of `desk` on one socket. */
  joinMinIntervalMs: 1_000,
  /** Frames kept while a join is under way; what comes beyond is missed and asked for again. */
  maxHeldFrames: 1_000,
  /** Acknowledgements: fills and stops at once but not more often than this, everything else once a second. */
  ackUrgentMinIntervalMs: 50,
  ackIntervalMs: 1_000,
  /** Requests waiting for a reply or for a connection; exits have places of their own beyond it. */
  maxRequests: 256,
  maxExitRequests: 64,
  /** Requests sent and not yet answered; the server allows 64, and the SDK's own calls need some. */
  maxInFlight: 40,
  maxExitInFlight: 12,
  requestTimeoutMs: 15_000,
  validForMs: 10_000,
  /** A request that was refused for its rate is sent again this often at most, each time when the server said. */
  rateRepeats: 3,
  /** The server allows 50 with `desk`. */
  maxChannels: 49,
  /** A channel that was refused for now is asked for again after this. */
  channelRetryMs: 5_000,
  /** What is kept of a channel for listeners who come later. */
  keptCandles: 300,
  keptLogLines: 200,
  /** HTTP calls of login and refresh. */
  httpTimeoutMs: 10_000,
  /** An access token that expires within this, or has lived half its life, whichever is later, is refreshed before use. */
  tokenLeewayMs: 30_000,
  /** Timers take at most 2^31 − 1 ms; longer waits are taken in steps. */
  timerMaxMs: 86_400_000,
} as const;
