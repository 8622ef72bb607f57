import { randomUUID } from 'node:crypto';
import { systemClock } from '../adapters/clock/systemClock.ts';
import { MemoryEventBus } from '../adapters/memory/eventBus.ts';
import { MemoryHistory } from '../adapters/memory/history.ts';
import { MemoryIdentityStore } from '../adapters/memory/identityStore.ts';
import { MemoryStore } from '../adapters/memory/store.ts';
import { createGateway, type Gateway } from '../gateway/createGateway.ts';
import type { GatewayDeps } from '../gateway/deps.ts';
import type { GatewayLimits } from '../gateway/limits.ts';
import { createIdentity, type IdentityConfig } from '../identity/createIdentity.ts';
import type { Authenticator, IssuedTokens } from '../ports/authenticator.ts';
import type { Clock } from '../ports/clock.ts';
import type { MarketData } from '../ports/deskGateway.ts';
import type { EventPublisher } from '../ports/eventBus.ts';
import { DeskTroubles } from '../runtime/deskTroubles.ts';
import { StoreHealth } from '../runtime/storeHealth.ts';
import { FakeDesks } from './fakeDesks.ts';
import { FakeMarketData } from './fakeMarketData.ts';
import { RecordingLogger } from './recordingLogger.ts';
import { type ConnectOptions, WireClient } from './wireClient.ts';

export interface WorldOptions {
  clock?: Clock;
  limits?: Partial<GatewayLimits>;
  identity?: Partial<IdentityConfig>;
  config?: Partial<GatewayDeps['config']>;
  staticDir?: string;
  docsDir?: string;
  docPagesDir?: string;
  readiness?: GatewayDeps['readiness'];
  isStandby?: GatewayDeps['isStandby'];
  symbols?: readonly string[];
  /** In the place of `symbols`, and of the world's own market. */
  market?: MarketData;
  /** False: the test publishes what no server would say. */
  lawful?: boolean;
  /** Of revocations; default: the world's own bus. */
  publisher?: EventPublisher;
}

/** A real gateway with real identity on a loopback port, over desks and a market that tests drive. */
export class GatewayWorld {
  readonly bus = new MemoryEventBus();
  readonly logger = new RecordingLogger();
  readonly store = new MemoryIdentityStore();
  readonly clock: Clock;
  readonly desks: FakeDesks;
  readonly market: FakeMarketData;
  readonly authenticator: Authenticator;
  readonly health: StoreHealth;
  readonly troubles: DeskTroubles;
  readonly gateway: Gateway;
  port = 0;
  readonly #clients: WireClient[] = [];
  #isClosed = false;
  readonly #isLawful: boolean;

  constructor(options: WorldOptions) {
    this.#isLawful = options.lawful ?? true;
    this.clock = options.clock ?? systemClock;
    this.desks = new FakeDesks(this.bus, this.clock);
    this.market = new FakeMarketData(options.symbols ?? ['BTCUSDT', 'ETHUSDT']);
    this.authenticator = createIdentity({
      store: this.store,
      clock: this.clock,
      logger: this.logger,
      publisher: options.publisher ?? this.bus,
      secrets: { jwtSecret: 'a secret of a test that is long enough, 32 bytes and more' },
      ...(options.identity === undefined ? {} : { config: options.identity }),
    });
    this.health = new StoreHealth({ clock: this.clock, logger: this.logger });
    this.troubles = new DeskTroubles(this.clock);
    this.gateway = createGateway({
      clock: this.clock,
      logger: this.logger,
      config: {
        allowedOrigins: [],
        hosts: [],
        trustedProxyHops: 0,
        secureCookies: false,
        ...options.config,
        limits: { ...options.limits },
      },
      authenticator: this.authenticator,
      commands: this.desks,
      keys: this.desks.keys,
      admin: this.desks.admin,
      queries: this.desks,
      history: new MemoryHistory(new MemoryStore()),
      deskHistory: this.desks,
      market: options.market ?? this.market,
      stream: this.bus.stream(),
      staticDir: options.staticDir ?? null,
      docsDir: options.docsDir ?? null,
      docPagesDir: options.docPagesDir ?? null,
      readiness: options.readiness ?? (() => ({ ready: true, checks: {}, stuckDesks: 0, awakeDesks: 0 })),
      isStandby: options.isStandby ?? (() => false),
      health: this.health,
      deskHealth: this.troubles,
    });
  }

  static async start(options: WorldOptions = {}): Promise<GatewayWorld> {
    const world = new GatewayWorld(options);
    world.port = await world.gateway.listen('127.0.0.1', 0);
    return world;
  }

  /** A new user with tokens and an open desk. */
  async user(name: string = randomUUID()): Promise<IssuedTokens> {
    const request = {
      email: `${name}@example.com`,
      password: `correct horse ${name}`,
      device: undefined,
      code: undefined,
    };
    const result = await this.authenticator.register(request);
    if (!result.ok) throw new Error(result.error.message);
    await this.desks.open(result.tokens.grant.userId);
    return result.tokens;
  }

  connect(options: ConnectOptions = {}): Promise<WireClient> {
    const client = new WireClient(this.port, { lawful: this.#isLawful, ...options });
    this.#clients.push(client);
    return client.opened();
  }

  /** A connection that has authenticated. */
  async session(tokens: IssuedTokens, deviceId?: string): Promise<WireClient> {
    const client = await this.connect();
    const reply = await client.authenticate(tokens.accessToken, deviceId);
    if (!reply.ok) throw new Error(reply.error.message);
    return client;
  }

  /** Closes the gateway as a stopping server does. */
  close(drainMs: number): Promise<void> {
    this.#isClosed = true;
    return this.gateway.close({ drainMs });
  }

  async stop(): Promise<void> {
    if (!this.#isClosed) await this.close(0);
    for (const { ws } of this.#clients) ws.terminate();
  }
}
