/** Parameters of an aggressive bot that enters within market minutes and then holds for longer than any test takes. */
export const HOLDS = {
  stopLossPct: 8,
  firstAtPct: 10,
  secondAtPct: 15,
  takeProfitPct: 20,
  maxHoldMinutes: 10_000,
};
