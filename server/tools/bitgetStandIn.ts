import { parseArgs } from 'node:util';
import { systemClock } from '../adapters/clock/systemClock.ts';
import { createPinoLogger } from '../adapters/logging/pinoLogger.ts';
import type { UserSpec } from '../standIn/bitget/exchange/user.ts';
import { startStandIn } from '../standIn/bitget/startStandIn.ts';

/** `npm run bitget:stand-in -- --port P`: a Bitget of one's own, for development: no key of it opens anything real. */
const logger = createPinoLogger({ level: 'info', fields: { program: 'bitget-stand-in' } });
const DEFAULT_PORT = 8790;

const USERS: readonly UserSpec[] = [
  { apiKey: 'demo-unified', family: 'v3' },
  { apiKey: 'demo-classic', family: 'v2' },
  { apiKey: 'live-unified', family: 'v3', environment: 'live' },
  { apiKey: 'live-classic', family: 'v2', environment: 'live' },
  { apiKey: 'demo-hedge', family: 'v3', holdMode: 'hedge_mode' },
  { apiKey: 'demo-withdraw', family: 'v3', permissions: ['uta_mgt', 'uta_trade', 'withdraw'] },
];

async function run(port: number, seed: string): Promise<void> {
  const standIn = await startStandIn({ clock: systemClock, port, seed, users: USERS });
  logger.info(
    { BITGET_REST_URL: standIn.url, BITGET_WS_URL: standIn.wsUrl, simulated: true },
    'the stand-in for Bitget listens',
  );
  for (const user of standIn.exchange.users()) {
    const { apiKey, secret, passphrase, family, environment } = user;
    // Made up here, and good for nothing else: in the message, since fields of such names are left out of logs.
    logger.info({ family, environment }, `it knows ${apiKey}, ${secret}, ${passphrase}`);
  }
  process.send?.({ url: standIn.url, wsUrl: standIn.wsUrl });
  let stopping = false;
  const stop = async (): Promise<void> => {
    await standIn.stop();
    process.exitCode = 0;
    // Whoever started it may be gone already.
    if (process.connected) process.disconnect();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      void stop();
    });
  }
}

const { values } = parseArgs({
  options: { port: { type: 'string' }, seed: { type: 'string' } },
});
const port = Number(values.port ?? DEFAULT_PORT);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  logger.error({ port: values.port }, '--port takes a port number');
  process.exitCode = 2;
} else {
  run(port, values.seed ?? 'stand-in').catch((error: unknown) => {
    logger.error({ err: error }, 'the stand-in could not start');
    process.exit(1);
  });
}
