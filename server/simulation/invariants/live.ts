import { InvariantBroken } from '../broken.ts';
import { isSame } from '../sameState.ts';
import type { World } from '../world.ts';

/** With nothing on its way to the log, what the process has in memory is what the log has; and devices show it. */
export function checkLive(world: World): void {
  for (const device of world.devices()) device.check();
  const { process } = world;
  if (process?.isCommitted !== true) return;
  for (const { deskId, desk, state } of process.records()) {
    // Thrown away, and about to be read again.
    if (state !== 'ready') continue;
    const committed = world.log.committed(deskId)?.desk;
    if (committed === undefined || committed.seq !== desk.seq) continue;
    if (!isSame(committed, desk))
      throw new InvariantBroken('INV-3', `${deskId} in memory is not what was committed`);
  }
}
