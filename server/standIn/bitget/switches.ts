/** What nobody outside could confirm of the real exchange, each with the way that is taken for likelier first. */
export interface Switches {
  /** Whose client ids a new one must differ from, on the classic account. */
  v2ClientIds: 'pending' | 'remembered' | 'any';
  /** The same on the unified account; documented: about six hours, not fully guaranteed. */
  v3ClientIds: 'remembered' | 'pending' | 'any';
  /** Whether a resting TP/SL order tells if it is of the whole position. */
  tpslModeShown: boolean;
  /** Whether countdown-cancel-all leaves TP/SL orders alone. */
  countdownSparesStops: boolean;
  /** Whether orders that the exchange made say so (v3 `execType`, v2 `orderSource`). */
  madeByVenueTold: boolean;
  /** Whether the query of sub-orders links a triggered stop to the order it became. */
  subOrdersLinked: boolean;
  /** The client id of the order that a triggered stop becomes: the stop's order id, one of its own, or none. */
  subOrderClientId: 'stop' | 'own' | 'none';
  /** Which path of v3 tells the time. */
  v3TimePath: 'public' | 'market' | 'both';
  /** One-way mode: `reduceOnly` together with `posSide`. */
  reduceOnlyWithPosSide: 'refused' | 'taken';
  /** One-way mode: whether positions and orders name a `posSide`. */
  posSideInOneWay: boolean;
  /** The login's answer has its code as a number or as text. */
  loginCode: 'number' | 'text';
  /** A second reduce-only order beyond the position: it works beside the first, or replaces it and answers without an id. */
  oversizedReduceOnly: 'beside' | 'replaces';
  /** Whether an amended order keeps its id. */
  amendKeepsId: boolean;
  /** What the stop of an entry becomes once it fills: the position's, or one of the filled size. */
  attachedStop: 'full' | 'partial';
  /** A second stop for the whole position: refused, or in place of the first. */
  secondStop: 'refused' | 'replaces';
  /** Lists without entries. */
  emptyLists: 'null' | 'empty';
  /** How the classic positions channel tells an end: by leaving the position out, or with size 0. */
  v2PositionEnd: 'absent' | 'zero';
  /** A closing order of less than the smallest amount. */
  smallCloses: 'refused' | 'taken';
  /** Whether pushed fills name the client's id. */
  pushedFillsNamed: boolean;
  /** Whether the unified account's pushed tickers have mark, index and funding. */
  pushedTickersMarked: boolean;
  /** The code of a unified call on a classic account. */
  classicOnV3: '40084' | '25245';
  /** The HTTP status of what is refused. */
  refusedWith: 400 | 200;
  /** The coin fees are paid in. */
  feeCoin: 'USDT' | 'BGB';
}

export const LIKELY: Readonly<Switches> = {
  v2ClientIds: 'pending',
  v3ClientIds: 'remembered',
  tpslModeShown: false,
  countdownSparesStops: false,
  madeByVenueTold: true,
  subOrdersLinked: true,
  subOrderClientId: 'stop',
  v3TimePath: 'public',
  reduceOnlyWithPosSide: 'refused',
  posSideInOneWay: true,
  loginCode: 'number',
  oversizedReduceOnly: 'beside',
  amendKeepsId: true,
  attachedStop: 'full',
  secondStop: 'refused',
  emptyLists: 'null',
  v2PositionEnd: 'absent',
  smallCloses: 'refused',
  pushedFillsNamed: true,
  pushedTickersMarked: false,
  classicOnV3: '40084',
  refusedWith: 400,
  feeCoin: 'USDT',
};

/** Each switch turned the other way, where there is one other way only. */
export const UNLIKELY: Readonly<Switches> = {
  v2ClientIds: 'remembered',
  v3ClientIds: 'any',
  tpslModeShown: true,
  countdownSparesStops: true,
  madeByVenueTold: false,
  subOrdersLinked: false,
  subOrderClientId: 'none',
  v3TimePath: 'market',
  reduceOnlyWithPosSide: 'taken',
  posSideInOneWay: false,
  loginCode: 'text',
  oversizedReduceOnly: 'replaces',
  amendKeepsId: false,
  attachedStop: 'partial',
  secondStop: 'replaces',
  emptyLists: 'empty',
  v2PositionEnd: 'zero',
  smallCloses: 'taken',
  pushedFillsNamed: false,
  pushedTickersMarked: true,
  classicOnV3: '25245',
  refusedWith: 200,
  feeCoin: 'BGB',
};
