/** What a turn of the server's loop publishes. */
export interface FanoutRun {
  /** Sockets that receive each ticker. */
  sockets: number;
  symbolsPerTurn: number;
  durationMs: number;
}

export interface FanoutResult {
  /** Frames that reached the sockets. */
  frames: number;
  /** From the first publish to the arrival of the last frame. */
  elapsedMs: number;
  /** Processor time of the server process meanwhile. */
  cpuMs: number;
  /** Frames published, but not received within the limit. */
  lost: number;
}

/** What can be asked of every server that tickers are fanned out by. */
export type FanoutExchanges = {
  /** `reportPort`: where the load tells how many frames it has. */
  listen: { request: object; answer: { port: number; reportPort: number } };
  run: { request: FanoutRun; answer: FanoutResult };
  /** Resident memory after a full collection, bytes. */
  memory: { request: object; answer: { residentBytes: number } };
};

/** How many different tickers there are. */
export const TICKERS = 32;
export const tickerSymbol = (index: number): string => `BENCH${String(index).padStart(2, '0')}USDT`;
export const tickerChannel = (index: number): `ticker:${string}` => `ticker:sim.${tickerSymbol(index)}`;
