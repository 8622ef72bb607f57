import type { ToldPush } from '../adapters/simulated/told.ts';
import type { Telling } from './venueModel.ts';
import type { World } from './world.ts';

/** What a venue that tells late keeps to itself for at most, world ms: less than it says. */
const LATE_MS = 8_000;

/** What the venue does to an account of its own accord. */
function forcedBy(push: ToldPush): string | undefined {
  if (push.type === 'bill') return push.bill.kind === 'funding' ? 'funding' : undefined;
  if (push.type !== 'fill') return undefined;
  return push.fill.source === 'liquidation' ? 'liquidation' : undefined;
}

/** How the venue of a world tells what has happened, with its faults. */
export function tellingIn(world: World): Telling {
  const { tellsLate } = world.setup.profile.capabilities;
  return {
    push: (push) => {
      world.history.lastVenueChangeAt.set(push.accountId, world.now);
      const forced = forcedBy(push);
      if (forced !== undefined) world.coverage.count(`fault:${forced}`);
      if (push.type === 'order' && push.order.becameOrderId !== null)
        world.coverage.count('fault:stop_became_order');
      world.line.push(push);
    },
    now: () => world.now,
    later: (delayMs, run) => world.after(delayMs, run),
    lateMs: (row) => {
      if (tellsLate === undefined) return 0;
      const lateMs = world.random.between(100, LATE_MS);
      return world.hit(row === 'fill' ? 'fill_late' : 'bill_late') ? lateMs : 0;
    },
    isNameless: ({ source, clientOrderId }) => {
      if (clientOrderId === null || (source !== 'order' && source !== 'stop')) return false;
      if (!world.history.nameless.has(clientOrderId)) return world.hit('fill_without_id');
      world.coverage.count('fault:fill_without_id');
      return true;
    },
    counted: (cursor, before) => {
      if (cursor === before) world.coverage.count('fault:cursor_repeated');
      else if (cursor > before + 1) world.coverage.count('fault:cursor_gap');
    },
  };
}
