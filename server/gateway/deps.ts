import type { Authenticator } from '../ports/authenticator.ts';
import type { Clock } from '../ports/clock.ts';
import type {
  AccountKeys,
  AdminDesks,
  DeskCommands,
  DeskHistory,
  DeskQueries,
  MarketData,
} from '../ports/deskGateway.ts';
import type { DeskHealth } from '../ports/deskHealth.ts';
import type { EventStream } from '../ports/eventBus.ts';
import type { Logger } from '../ports/logger.ts';
import type { History } from '../ports/projections.ts';
import type { ServerHealth } from '../ports/serverHealth.ts';
import type { GatewayLimits } from './limits.ts';

export interface GatewayConfig {
  /** Origins other than our own that may use the API and the socket, such as `https://desk.example.com`. */
  allowedOrigins: readonly string[];
  /** Names that the server answers to, besides localhost and plain addresses. */
  hosts: readonly string[];
  /** Reverse proxies in front of us, whose entries at the end of X-Forwarded-For are believed. 0: none. */
  trustedProxyHops: number;
  /** The refresh cookie is `Secure`, and HSTS is sent: on wherever browsers come by HTTPS. */
  secureCookies: boolean;
  limits?: Partial<GatewayLimits>;
}

/** The checks behind /readyz, by name. */
export interface Readiness {
  ready: boolean;
  checks: Record<string, boolean>;
  /** Desks that keep failing, and take exits at most; the server is ready for the others. */
  stuckDesks: number;
  /** Desks in memory. */
  awakeDesks: number;
}

export interface GatewayDeps {
  clock: Clock;
  logger: Logger;
  config: GatewayConfig;
  authenticator: Authenticator;
  commands: DeskCommands;
  keys: AccountKeys;
  admin: AdminDesks;
  queries: DeskQueries;
  history: History;
  deskHistory: DeskHistory;
  market: MarketData;
  stream: EventStream;
  /** The built dashboard; null or missing: only the API is served. */
  staticDir: string | null;
  /** What is served at /docs; null or missing: nothing. */
  docsDir: string | null;
  /** Its pages in Markdown as HTML, by the same names; null or missing: browsers get the Markdown. */
  docPagesDir: string | null;
  readiness: () => Readiness;
  /** Another process has the desks: whatever needs the engine is refused at once. */
  isStandby: () => boolean;
  /** What clients are told at once when it changes. */
  health: ServerHealth;
  /** What the owner of a desk is told at once when it changes. */
  deskHealth: DeskHealth;
}
