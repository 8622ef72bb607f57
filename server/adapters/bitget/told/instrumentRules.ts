import { type Decimal, dec, div, min, mul } from '../../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../../shared/domain/instrument.ts';
import { symbolSchema } from '../../../../shared/domain/symbol.ts';

/** What is listed, and what of it a feed needs beside its rules. */
export interface Listed {
  instrument: Instrument;
  /** Hours between two fundings; null: not told. */
  fundingHours: number | null;
}

/** The rules of a contract as either API tells them. */
export interface ContractRules {
  symbol: string;
  baseCoin: string;
  quoteCoin: string;
  status: Instrument['status'];
  tickSize: Decimal;
  sizeStep: Decimal;
  minSize: Decimal;
  maxLimitSize: Decimal | null;
  maxMarketSize: Decimal | null;
  minNotional: Decimal;
  maxLeverage: Decimal;
  makerFeeRate: Decimal;
  takerFeeRate: Decimal;
  buyLimitPriceRatio: Decimal;
  sellLimitPriceRatio: Decimal;
  fundingHours: number | null;
}

/** Where no largest size is told, none that anybody reaches. */
const NO_LIMIT = dec('1000000000');
/** Orders of exactly the least notional are refused once the price moves: 5.1 USDT is what goes through, where 5 is told. */
const NOTIONAL_MARGIN = dec('1.02');

/** Undefined: it has a name that no symbol of ours can have. */
export function instrumentOf(venue: string, rules: ContractRules): Listed | undefined {
  if (!symbolSchema.safeParse(rules.symbol).success) return undefined;
  const maxLeverage = Math.max(1, Math.floor(Number(rules.maxLeverage)));
  return {
    instrument: {
      venue,
      symbol: rules.symbol,
      baseCoin: rules.baseCoin,
      quoteCoin: rules.quoteCoin,
      status: rules.status,
      tickSize: rules.tickSize,
      sizeStep: rules.sizeStep,
      minSize: rules.minSize,
      maxLimitSize: rules.maxLimitSize ?? NO_LIMIT,
      maxMarketSize: rules.maxMarketSize ?? rules.maxLimitSize ?? NO_LIMIT,
      minNotional: mul(rules.minNotional, NOTIONAL_MARGIN),
      maxLeverage,
      makerFeeRate: rules.makerFeeRate,
      takerFeeRate: rules.takerFeeRate,
      // Half of what the highest leverage puts in, until the symbol's tiers were read.
      maintenanceMarginRate: div(dec('0.5'), dec(String(maxLeverage))),
      priceBandRatio: min(rules.buyLimitPriceRatio, rules.sellLimitPriceRatio),
      simulated: false,
    },
    fundingHours: rules.fundingHours,
  };
}

/** What each word for the state of a contract lets one do. */
const STATUS: Record<string, Instrument['status']> = {
  online: 'trading',
  normal: 'trading',
  limit_open: 'close_only',
  limit_close: 'halted',
  listed: 'halted',
  maintain: 'halted',
  restrictedapi: 'halted',
  // Over for good only once the announced end has come: a contract that is offline may be back.
  offline: 'halted',
  off: 'halted',
};

/** `offTime`: when it is delisted, if that was announced; `now`: of the exchange. A word that nobody knows trades nothing. */
export function statusOf(word: string, offTime: number | null, now: number): Instrument['status'] {
  const status = STATUS[word.toLowerCase()] ?? 'halted';
  return status === 'halted' && offTime !== null && offTime <= now ? 'ended' : status;
}
