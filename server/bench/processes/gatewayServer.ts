import { createGateway } from '../../gateway/createGateway.ts';
import { answerRequests } from '../childProcess.ts';
import { type FanoutExchanges, TICKERS } from '../load/fanoutExchanges.ts';
import { paceTurns, ReceivedCount, residentBytes } from '../load/paceTurns.ts';
import { stubDeps } from '../load/stubDeps.ts';
import { tickerQuote } from '../load/tickerQuote.ts';

// The real gateway: sockets come in by authentication and subscription, quotes go out by its market channels.
const { deps, quote } = stubDeps();
const gateway = createGateway(deps);
const received = new ReceivedCount();

answerRequests<FanoutExchanges>({
  listen: async () => ({ reportPort: await received.listen(), port: await gateway.listen('127.0.0.1', 0) }),
  run: (run) =>
    paceTurns(run, received, (turn) => {
      for (let symbol = 0; symbol < run.symbolsPerTurn; symbol += 1) {
        quote(tickerQuote((turn * run.symbolsPerTurn + symbol) % TICKERS, turn));
      }
    }),
  memory: () => ({ residentBytes: residentBytes() }),
});
