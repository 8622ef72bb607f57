import type { ToldPush } from '../../adapters/simulated/told.ts';
import type { DeskRecord } from '../../runtime/deskRecord.ts';
import { InvariantBroken } from '../broken.ts';
import type { SimProcess } from '../simProcess.ts';
import type { World } from '../world.ts';

/** From the push of a fill to the decision of its desk on it, world ms: a turn, and what is decided before it. */
const HEARD_MS = 1_000;

/** What a venue pushes to who serves the desk is decided on at once, not learnt with the next reading. */
export function expectHeard(world: World, process: SimProcess, push: ToldPush): void {
  if (push.type !== 'fill') return;
  const { accountId, fill } = push;
  const record = [...process.records()].find(({ desk }) => desk.accounts.has(accountId));
  if (record === undefined || !takes(process, record)) return;
  const { desk } = record;
  world.timer(HEARD_MS, () => {
    // Read from the log, or asleep meanwhile: it has asked for everything since, or will.
    if (record.desk !== desk || !takes(process, record)) return;
    if (process.heardFills.has(`${accountId}:${fill.fillId}`)) return;
    world.watched(() => {
      throw new InvariantBroken('HEARD', `${fill.fillId} of ${accountId} was told ${HEARD_MS} ms ago`);
    });
  });
}

const takes = (process: SimProcess, { state }: DeskRecord): boolean =>
  process.isCurrent && !process.isStopping && !process.isPaused && process.hasHeardAll && state === 'ready';
