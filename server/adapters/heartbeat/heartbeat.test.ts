import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { waitUntil } from '../../testing/patience.ts';
import { RecordingLogger } from '../../testing/recordingLogger.ts';
import { ManualClock } from '../../testing/venue/manualClock.ts';
import { HEARTBEAT_EVERY_MS, startHeartbeat } from './heartbeat.ts';

test('[CONF-10] the heartbeat URL is called each minute while the server is well, and never logged', async () => {
  let calls = 0;
  const watcher = createServer((_request, response) => {
    calls += 1;
    response.writeHead(calls === 2 ? 500 : 204).end();
  });
  await new Promise<void>((resolve) => watcher.listen(0, '127.0.0.1', resolve));
  const { port } = watcher.address() as AddressInfo;
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  let well = true;
  const stop = startHeartbeat({
    url: `http://127.0.0.1:${port}/ping/very-secret`,
    clock,
    logger,
    isWell: () => well,
  });
  await waitUntil(() => calls === 1);
  await waitUntil(() => clock.pending > 0);
  clock.advance(HEARTBEAT_EVERY_MS);
  await waitUntil(() => calls === 2);
  await waitUntil(() => logger.lines.length === 1 && clock.pending > 0);
  expect(JSON.stringify(logger.lines)).not.toContain('very-secret');
  well = false;
  clock.advance(HEARTBEAT_EVERY_MS);
  await waitUntil(() => clock.pending > 0);
  stop();
  expect(calls).toBe(2);
  await new Promise((resolve) => watcher.close(resolve));
});
