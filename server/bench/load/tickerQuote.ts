import { dec } from '../../../shared/domain/decimal.ts';
import type { Quote } from '../../../shared/domain/market.ts';
import { tickerChannel, tickerSymbol } from './fanoutExchanges.ts';

const FUNDING_RATE = dec('0.0001');

/** The quote that ticker `index` has at turn `turn`; every server under test sends the same. */
export function tickerQuote(index: number, turn: number): Quote {
  const price = 60_000 + ((turn * 7 + index * 131) % 9_000) / 10;
  const last = dec(price.toFixed(1));
  return {
    venue: 'sim',
    symbol: tickerSymbol(index),
    ts: 1_732_269_600_000 + turn,
    last,
    bid: last,
    ask: dec((price + 0.1).toFixed(1)),
    mark: last,
    index: last,
    fundingRate: FUNDING_RATE,
    nextFundingTime: 1_732_291_200_000,
  };
}

/** The frame of a quote, as the gateway makes it. */
export function tickerFrame(index: number, turn: number): Buffer {
  const quote = tickerQuote(index, turn);
  return Buffer.from(
    JSON.stringify({ ch: tickerChannel(index), kind: 'ticker', ts: Date.now(), data: quote }),
  );
}
