import type { AddressInfo } from 'node:net';
import type { Clock } from '../../ports/clock.ts';
import { Control } from './control.ts';
import { Exchange } from './exchange/exchange.ts';
import type { UserSpec } from './exchange/user.ts';
import { ControlDoor } from './http/controlDoor.ts';
import { StandInHttp } from './http/standInHttp.ts';
import { StandInSockets } from './sockets/standInSockets.ts';
import { LIKELY, type Switches } from './switches.ts';
import { v2AccountRoutes } from './v2/accountRoutes.ts';
import { v2MarketRoutes } from './v2/marketRoutes.ts';
import { v2PlanRoutes } from './v2/planRoutes.ts';
import { v2Speech } from './v2/speech.ts';
import { v2TradeRoutes } from './v2/tradeRoutes.ts';
import { v3AccountRoutes } from './v3/accountRoutes.ts';
import { v3MarketRoutes } from './v3/marketRoutes.ts';
import { v3Speech } from './v3/speech.ts';
import { v3StrategyRoutes } from './v3/strategyRoutes.ts';
import { v3TradeRoutes } from './v3/tradeRoutes.ts';

export interface StandInOptions {
  clock: Clock;
  /** Of the made-up market. */
  seed?: string;
  /** 0: any that is free. */
  port?: number;
  host?: string;
  users?: readonly UserSpec[];
  switches?: Partial<Switches>;
  /** Whether requests beyond the limits are refused. */
  limits?: boolean;
}

export interface StandIn {
  /** For REST, without a path. */
  url: string;
  /** For WebSockets, without a path: `/v3/ws/private` and the like are added. */
  wsUrl: string;
  control: Control;
  exchange: Exchange;
  http: StandInHttp;
  sockets: StandInSockets;
  stop(): Promise<void>;
}

export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const { clock } = options;
  const switches: Switches = { ...LIKELY, ...options.switches };
  const exchange = new Exchange({ clock, seed: options.seed ?? 'stand-in', switches });
  for (const user of options.users ?? []) exchange.addUser(user);
  const routes = [
    ...[...v3MarketRoutes, ...v3AccountRoutes, ...v3TradeRoutes, ...v3StrategyRoutes],
    ...[...v2MarketRoutes, ...v2AccountRoutes, ...v2TradeRoutes, ...v2PlanRoutes],
  ];
  const http = new StandInHttp({ exchange, clock, routes });
  http.limits.enforced = options.limits ?? true;
  const sockets = new StandInSockets({
    ...{ server: http.server, exchange, speeches: [v3Speech, v2Speech], limited: options.limits ?? true },
    isUp: () => http.isUp,
  });
  const control = new Control({ exchange, http, sockets, clock });
  http.door = new ControlDoor(control);
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    http.server.once('error', reject);
    http.server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = http.server.address() as AddressInfo;
  exchange.start();
  return {
    url: `http://${host}:${port}`,
    wsUrl: `ws://${host}:${port}`,
    control,
    exchange,
    http,
    sockets,
    stop: async () => {
      exchange.stop();
      sockets.close();
      http.server.closeAllConnections();
      await new Promise((resolve) => http.server.close(resolve));
    },
  };
}
