import { systemClock } from '../../adapters/clock/systemClock.ts';
import { PostgresDeskLog } from '../../adapters/postgres/deskLog.ts';
import { openPostgres } from '../../adapters/postgres/openPostgres.ts';
import { PostgresShardLeases } from '../../adapters/postgres/shardLeases.ts';
import { RecordingLogger } from '../recordingLogger.ts';
import { sampleAppend } from '../storedSamples.ts';

// shardOwner URL DESK: fights for shard 1 and, while it holds it, appends events to the desk as fast as it can. It never
// gives up a lease by itself: it finds out by an append that somebody took it.
const [url = '', deskId = ''] = process.argv.slice(2);
const owner = `process ${process.pid}`;
const { sql } = openPostgres(url, { logger: new RecordingLogger() });
const leases = new PostgresShardLeases(sql, systemClock);
const log = new PostgresDeskLog(sql);
const TTL_MS = 30;

for (;;) {
  const lease = await leases.acquire(1, owner, TTL_MS);
  if (lease === undefined) continue;
  let head = (await log.heads([deskId])).get(deskId) ?? 0;
  for (;;) {
    const append = sampleAppend(deskId, head, 3);
    for (const event of append.events) event.body = JSON.stringify({ token: String(lease.token), owner });
    const { outcome } = await log.append(lease, [append]);
    if (outcome === 'committed') head += 3;
    process.send?.({ outcome });
    if (outcome !== 'committed') break;
  }
}
