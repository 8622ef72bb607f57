/** What can be asked of processes/deskMaker.ts. */
export type DeskExchanges = {
  /** On an embedded database of its own in this folder. */
  begin: { request: { dataDir: string; migrations: string }; answer: object };
  /** Users of these numbers, each with a desk and an account that its venue has confirmed. */
  open: { request: { from: number; to: number }; answer: object };
  /** Each of these has a position at the end. */
  trade: { request: { from: number; to: number }; answer: object };
  finish: { request: object; answer: object };
};
