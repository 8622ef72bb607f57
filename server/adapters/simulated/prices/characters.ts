/** What makes one made-up market different from another. */
export interface Character {
  /** Where the price hovers around, in USDT. */
  price: number;
  /** Standard deviation of a calm-to-normal minute's return. */
  minuteSigma: number;
  /** Spread over price, on a normal minute. */
  spreadRatio: number;
  /** Base coin traded in a normal minute. */
  minuteVolume: number;
  /** USDT on offer at the best price. */
  depthNotional: number;
}

export const CHARACTERS: Readonly<Record<string, Character>> = {
  BTCUSDT: {
    price: 64_000,
    minuteSigma: 0.0007,
    spreadRatio: 0.00001,
    minuteVolume: 45,
    depthNotional: 400_000,
  },
  ETHUSDT: {
    price: 3_200,
    minuteSigma: 0.0009,
    spreadRatio: 0.00001,
    minuteVolume: 600,
    depthNotional: 250_000,
  },
  SOLUSDT: {
    price: 150,
    minuteSigma: 0.0012,
    spreadRatio: 0.00003,
    minuteVolume: 6_000,
    depthNotional: 120_000,
  },
  XRPUSDT: {
    price: 0.62,
    minuteSigma: 0.0011,
    spreadRatio: 0.0001,
    minuteVolume: 900_000,
    depthNotional: 90_000,
  },
  DOGEUSDT: {
    price: 0.14,
    minuteSigma: 0.0013,
    spreadRatio: 0.00008,
    minuteVolume: 4_000_000,
    depthNotional: 80_000,
  },
};
