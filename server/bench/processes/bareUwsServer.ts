import { loadUws } from '../../gateway/uws.ts';
import { answerRequests } from '../childProcess.ts';
import { type FanoutExchanges, TICKERS, tickerChannel } from '../load/fanoutExchanges.ts';
import { paceTurns, ReceivedCount, residentBytes } from '../load/paceTurns.ts';
import { tickerFrame } from '../load/tickerQuote.ts';

// uWebSockets.js and nothing else: each socket in the topics it asks for, each ticker published as it is.
const uws = loadUws();
const received = new ReceivedCount();
const CLOSE_ABOVE_BYTES = 16 * 1_024 * 1_024;

const app = uws.App().ws('/*', {
  maxPayloadLength: 64 * 1_024,
  maxBackpressure: CLOSE_ABOVE_BYTES,
  idleTimeout: 120,
  compression: uws.DISABLED,
  message: (socket, message) => {
    for (let index = 0; index < Number(Buffer.from(message).toString()); index += 1)
      socket.subscribe(tickerChannel(index));
    socket.send(Buffer.from('subscribed'));
  },
});

answerRequests<FanoutExchanges>({
  listen: async () => {
    const reportPort = await received.listen();
    const port = await new Promise<number>((resolve) =>
      app.listen('127.0.0.1', 0, (listening) => resolve(listening ? uws.us_socket_local_port(listening) : 0)),
    );
    return { port, reportPort };
  },
  run: (run) =>
    paceTurns(run, received, (turn) => {
      for (let symbol = 0; symbol < run.symbolsPerTurn; symbol += 1) {
        const index = (turn * run.symbolsPerTurn + symbol) % TICKERS;
        app.publish(tickerChannel(index), tickerFrame(index, turn));
      }
    }),
  memory: () => ({ residentBytes: residentBytes() }),
});
