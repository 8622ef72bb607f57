import { VIEW_VERSION } from '../../../shared/protocol/version.ts';
import { BenchProcess } from '../childProcess.ts';
import { type FanoutExchanges, TICKERS, tickerChannel } from './fanoutExchanges.ts';
import type { LoadExchanges, LoadStep } from './loadExchanges.ts';

/** A server that fans tickers out, and how its clients come to receive them. */
export interface FanoutServer {
  name: string;
  entry: string;
  path: string;
  /** For sockets that shall receive all tickers. */
  steps: LoadStep[];
  tokens: string[];
}

export const BARE_UWS: FanoutServer = {
  name: 'bare uWebSockets.js',
  entry: 'bareUwsServer',
  path: '/',
  steps: [{ text: String(TICKERS), replyContains: 'subscribed' }],
  tokens: [],
};

export const WS_LOOP: FanoutServer = {
  name: 'plain ws loop',
  entry: 'wsLoopServer',
  path: '/',
  steps: [{ text: 'all', replyContains: 'subscribed' }],
  tokens: [],
};

/** Users the sockets are spread over. */
const USERS = 100;

/** The steps of a client of the real gateway, up to its subscription. */
function joinSteps(channels: readonly string[]): LoadStep[] {
  const authenticate = {
    id: '1',
    op: 'session.authenticate',
    args: { token: '{token}', viewVersion: VIEW_VERSION },
  };
  const subscribe = { id: '2', op: 'subscribe', args: { channels } };
  return [authenticate, subscribe].map((request) => ({
    text: JSON.stringify(request),
    replyContains: `"id":"${request.id}","ok":true`,
  }));
}

/** The steps of a device that follows its user's desk. */
export const deskSteps = (): LoadStep[] => joinSteps(['desk']);

const allTickers = Array.from({ length: TICKERS }, (_, index) => tickerChannel(index));

export const FILLWIRE: FanoutServer = {
  name: 'Fillwire',
  entry: 'gatewayServer',
  path: '/ws',
  steps: joinSteps(allTickers),
  tokens: Array.from({ length: USERS }, (_, index) => `user-${index}`),
};

/** The server with sockets that receive little: one ticker, and with Fillwire their desk. */
export function quiet(server: FanoutServer): FanoutServer {
  if (server === FILLWIRE) return { ...server, steps: joinSteps(['desk', tickerChannel(0)]) };
  return server === BARE_UWS ? { ...server, steps: [{ text: '1', replyContains: 'subscribed' }] } : server;
}

/** Sockets per loopback address: below the gateway's limit per address. */
const SOCKETS_PER_ADDRESS = 100;

/** A server process and a load process with its sockets open. */
export interface RunningFanout {
  server: BenchProcess<FanoutExchanges>;
  load: BenchProcess<LoadExchanges>;
  end(): Promise<void>;
}

/** Starts both; `beforeOpening` sees the server without sockets. Throws when a socket could not be opened. */
export async function startFanout(
  target: FanoutServer,
  sockets: number,
  beforeOpening?: (server: BenchProcess<FanoutExchanges>) => Promise<void>,
): Promise<RunningFanout> {
  const server = new BenchProcess<FanoutExchanges>(target.entry);
  const load = new BenchProcess<LoadExchanges>('loadClients');
  const end = async (): Promise<void> => {
    await Promise.all([load.end(), server.end()]);
  };
  try {
    const { port, reportPort } = await server.ask('listen', {});
    await beforeOpening?.(server);
    const { path, steps, tokens } = target;
    const opened = await load.ask('open', {
      port,
      path,
      sockets,
      tokens,
      steps,
      socketsPerAddress: SOCKETS_PER_ADDRESS,
      reportPort,
    });
    if (opened.failed > 0)
      throw new Error(`${opened.failed} of ${sockets} sockets were not opened: ${opened.firstFailure}`);
  } catch (error) {
    await end();
    throw error;
  }
  return { server, load, end };
}
