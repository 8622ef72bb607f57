/** What the venue said when it was asked whether anything of (account, symbol) is open. */
export interface FlatProof {
  accountId: string;
  /** Symbols without a position or an order of a bot; what is by hand or foreign may be there. */
  symbols: ReadonlySet<string>;
  /** Nothing is open on the whole account. */
  accountFlat: boolean;
  /** Ids of ours that the venue showed to work and that were not changed since. */
  working: ReadonlySet<string>;
}
