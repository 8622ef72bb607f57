import { add, type Decimal, gt, mul, roundToStep, sub, ZERO } from '../../../../shared/domain/decimal.ts';
import type { Exchange } from '../exchange/exchange.ts';

const LEVELS = 5;
/** As the simulated venue's: what is shown is what can be taken. */
const LEVEL_GAP = '0.0002' as Decimal;

export interface Books {
  bids: [price: string, size: string][];
  asks: [price: string, size: string][];
}

/** The book of a symbol, best price first. */
export function booksOf(exchange: Exchange, symbol: string): Books {
  const quote = exchange.prices.quoteAt(symbol, exchange.now());
  const size = exchange.prices.depth(symbol);
  const tick = exchange.prices.instrument(symbol)?.tickSize ?? ('1' as Decimal);
  const gap = roundToStep(mul(quote.mark, LEVEL_GAP), tick, 'up');
  const side = (best: Decimal, next: (price: Decimal) => Decimal): [string, string][] => {
    const rows: [string, string][] = [];
    for (let price = best; rows.length < LEVELS && gt(price, ZERO); price = next(price))
      rows.push([price, size]);
    return rows;
  };
  return {
    bids: side(quote.bid, (price) => sub(price, gap)),
    asks: side(quote.ask, (price) => add(price, gap)),
  };
}
