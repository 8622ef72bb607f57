import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A data directory that the database's own user may pass through, to that of a recording too: started as root the server
 * would else put the database elsewhere, where no test removes it.
 */
export function passableDataDir(): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'fw-e2e-'));
  chmodSync(dataDir, 0o711);
  mkdirSync(join(dataDir, 'replay'), { mode: 0o711 });
  return dataDir;
}
