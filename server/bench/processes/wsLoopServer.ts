import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { answerRequests } from '../childProcess.ts';
import { type FanoutExchanges, TICKERS } from '../load/fanoutExchanges.ts';
import { paceTurns, ReceivedCount, residentBytes } from '../load/paceTurns.ts';
import { tickerFrame } from '../load/tickerQuote.ts';

// The plain loop over all clients that most servers have.
const received = new ReceivedCount();
const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.on('message', () => socket.send('subscribed'));
});

answerRequests<FanoutExchanges>({
  listen: async () => {
    const reportPort = await received.listen();
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', 4_096, resolve));
    const address = http.address();
    return { port: typeof address === 'object' && address !== null ? address.port : 0, reportPort };
  },
  run: (run) =>
    paceTurns(run, received, (turn) => {
      for (let symbol = 0; symbol < run.symbolsPerTurn; symbol += 1) {
        const frame = tickerFrame((turn * run.symbolsPerTurn + symbol) % TICKERS, turn);
        for (const socket of server.clients) socket.send(frame, { binary: false });
      }
    }),
  memory: () => ({ residentBytes: residentBytes() }),
});
