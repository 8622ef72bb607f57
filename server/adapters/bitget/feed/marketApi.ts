import type { Decimal } from '../../../../shared/domain/decimal.ts';
import type { MarketPush } from '../sockets/publicStream.ts';
import type { Listed } from '../told/instrumentRules.ts';
import type { QuotePart } from '../told/quotePart.ts';

/** What everybody may ask of one of the two APIs. */
export interface MarketApi {
  /** Of its public socket. */
  path: string;
  tickerArg(symbol: string): Record<string, string>;
  /** Empty: it is a push of something else. */
  readPush(push: MarketPush, now: number): QuotePart[];
  readInstruments(venue: string): Promise<Listed[]>;
  /** Of all symbols. */
  readTickers(): Promise<QuotePart[]>;
  /** Null: it is not told. */
  readMaintenanceRate(symbol: string): Promise<Decimal | null>;
}
