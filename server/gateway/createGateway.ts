import type { us_listen_socket, us_socket } from 'uWebSockets.js';
import { Addresses } from './addresses.ts';
import { AuthRoutes } from './authRoutes.ts';
import { CannotListen } from './cannotListen.ts';
import type { GatewayDeps } from './deps.ts';
import { DeskFeeds } from './deskFeeds.ts';
import { DeviceReports } from './deviceReports.ts';
import { HostPolicy } from './hostPolicy.ts';
import { HttpDoor } from './httpDoor.ts';
import { GATEWAY_LIMITS, type GatewayLimits } from './limits.ts';
import { MarketChannels } from './marketChannels.ts';
import { NewConnections } from './newConnections.ts';
import { OriginPolicy } from './originPolicy.ts';
import { PageRoutes } from './pageRoutes.ts';
import { Reads } from './reads.ts';
import { boundReceiveBuffers } from './receiveBuffers.ts';
import { Requests } from './requests.ts';
import { RevocationWatch } from './revocationWatch.ts';
import { Sessions } from './sessions.ts';
import { SocketServer } from './socketServer.ts';
import { loadStaticFiles } from './staticFiles.ts';
import { Subscriptions } from './subscriptions.ts';
import { Sweeper } from './sweeper.ts';
import { TurnQueue } from './turnQueue.ts';
import { Users } from './users.ts';
import { loadUws } from './uws.ts';

export interface Gateway {
  /** Serves; resolves to the port (another than asked for 0). Rejects when the address cannot be had. */
  listen(host: string, port: number): Promise<number>;
  /** Stops listening, tells every client, waits up to `drainMs` for what is under way, ends the sockets. */
  close(options: { drainMs: number }): Promise<void>;
  /** What is connected and served now. */
  load(): { sockets: number; outstanding: number };
}

/** How often a closing gateway looks whether its work is done. */
const DRAIN_CHECK_MS = 20;

/** What is served of the folder of documents. */
const DOCUMENTS: ReadonlySet<string> = new Set(['.html', '.md', '.json']);
/** And of the pages made of them. */
const PAGES: ReadonlySet<string> = new Set(['.html']);

/** The value of LIBUS_LISTEN_EXCLUSIVE_PORT; the library's typings name it, but not where it is. */
const LISTEN_EXCLUSIVE = 1;

type Listen = (
  host: string,
  port: number,
  options: number,
  done: (socket: us_listen_socket | false) => void,
) => unknown;

/** `listen` with options after host and port, which the library takes and its typings leave out. */
function exclusive(app: { listen: unknown }): Listen {
  return (app.listen as Listen).bind(app);
}

/** The HTTP and WebSocket server over the ports it is given. */
export function createGateway(deps: GatewayDeps): Gateway {
  const { clock, logger, config, authenticator, commands, queries, history, deskHistory } = deps;
  const limits: GatewayLimits = { ...GATEWAY_LIMITS, ...config.limits };
  const uws = loadUws();
  const app = uws.App();
  const turns = new TurnQueue(clock);
  const publish = (topic: string, message: Buffer): void => {
    app.publish(topic, message, false);
  };
  const latest = { clock, publish, turns };
  const origins = new OriginPolicy(config.allowedOrigins, {
    isHttps: config.secureCookies,
    isBehindProxy: config.trustedProxyHops > 0,
  });
  const addresses = new Addresses(limits);
  const users = new Users(limits, { queries, ...latest });
  const market = new MarketChannels({ market: deps.market, limits, ...latest });
  const attend = (deskId: string): Promise<void> => commands.attend(deskId);
  const feeds = new DeskFeeds(
    deps.stream,
    { logger, limits, deskHistory, attend, ...latest },
    {
      onNotice: ({ deskId, channel, payload }) => {
        const channels = users.find(deskId)?.channels;
        if (channels?.has(channel)) channels.give(channel, Buffer.from(payload));
      },
      onRevoked: (revoked) => sessions.revoke(revoked),
      onResync: (deskIds) => {
        for (const deskId of deskIds) sessions.resync(deskId);
      },
    },
  );
  const devices = new DeviceReports({ clock, logger, limits, authenticator, feeds, users });
  const { deskHealth } = deps;
  const sessions = new Sessions({ clock, logger, limits, authenticator, commands, deskHealth, feeds, users });
  const onDevicesJoined = (): void => devices.report();
  const subscriptions = new Subscriptions({ clock, limits, feeds, market, onDevicesJoined });
  const reads = new Reads({ feeds, queries, history, market: deps.market, devices });
  const requests = new Requests({
    ...{
      clock,
      logger,
      limits,
      authenticator,
      commands,
      keys: deps.keys,
      admin: deps.admin,
      sessions,
      subscriptions,
      reads,
      devices,
      market: deps.market,
    },
    health: deps.health,
    isStandby: deps.isStandby,
  });
  const { trustedProxyHops, secureCookies } = config;
  const door = new HttpDoor({
    ...{ clock, logger, limits, addresses, trustedProxyHops },
    hosts: new HostPolicy(config.hosts),
  });
  const isBehindProxy = trustedProxyHops > 0;
  const arrivals = new NewConnections({ clock, logger, limits, addresses, isBehindProxy });
  const sockets = new SocketServer({
    arrivals,
    clock,
    logger,
    limits,
    origins,
    door,
    sessions,
    requests,
    health: deps.health,
  });
  authenticator.onRevoked((revocation) => sessions.revoke(revocation));
  const revocations = new RevocationWatch({ clock, logger, authenticator, sessions });
  const sweeper = new Sweeper({
    ...{ clock, logger, limits, addresses, users, feeds, market, devices, sockets, revocations, attend },
  });

  arrivals.mount(app);
  sockets.mount(app);
  new AuthRoutes({
    ...{ logger, limits, origins, door, secureCookies, authenticator, commands },
    isStandby: deps.isStandby,
  }).mount(app);
  const files = new Map([
    ...(deps.staticDir === null ? [] : loadStaticFiles(deps.staticDir)),
    ...(deps.docsDir === null ? [] : loadStaticFiles(deps.docsDir, '/docs', DOCUMENTS)),
    ...(deps.docPagesDir === null ? [] : loadStaticFiles(deps.docPagesDir, '/docs', PAGES)),
  ]);
  new PageRoutes({
    door,
    files,
    readiness: deps.readiness,
    health: deps.health,
    isHttps: secureCookies,
  }).mount(app);

  let listening: us_listen_socket | null = null;

  async function drained(drainMs: number): Promise<void> {
    const until = clock.elapsed() + drainMs;
    while (requests.outstanding > 0 && clock.elapsed() < until) {
      await new Promise<void>((resume) => void clock.after(DRAIN_CHECK_MS, resume));
    }
  }

  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        // Else a second process would share the port silently, and get half of the clients.
        exclusive(app)(host, port, LISTEN_EXCLUSIVE, (socket) => {
          if (socket === false) {
            reject(new CannotListen(host, port));
            return;
          }
          listening = socket;
          // The library's types keep the two apart; the function takes either.
          const given = uws.us_socket_local_port(socket as us_socket);
          try {
            boundReceiveBuffers(given, limits.receiveBufferBytes);
          } catch (error) {
            logger.warn({ error }, 'a connection that sends without end can hold up the others');
          }
          sweeper.start();
          resolve(given);
        });
      }),
    close: async ({ drainMs }) => {
      if (listening !== null) uws.us_listen_socket_close(listening);
      listening = null;
      requests.isDraining = true;
      sockets.announceRestart();
      await drained(drainMs);
      await sockets.endAll();
      sweeper.stop();
      app.close();
    },
    load: () => ({ sockets: sockets.sockets.size, outstanding: requests.outstanding }),
  };
}
