import { ZERO } from '../../../shared/domain/decimal.ts';
import { InvariantBroken } from '../broken.ts';
import type { Appended } from '../logModel.ts';
import type { World } from '../world.ts';
import { checkOwners } from './owners.ts';

/** What may not become durable. */
export function checkCommitted(world: World, { deskId, events, commands }: Appended): void {
  const { ledger, payers, standing, exits, commandLaw } = world.history;
  commandLaw.check(deskId, events, commands);
  ledger.check(events);
  payers.check(world, events);
  checkOwners(world, deskId, events);
  standing.check(deskId, events, world.market.stepTime);
  exits.check(events, (symbol) => world.market.instrument(symbol)?.minSize ?? ZERO);
  for (const event of events) {
    if (event.kind !== 'AlertRaised' || event.data.alert.code !== 'ledger_mismatch') continue;
    throw new InvariantBroken(
      'INV-9',
      `${world.setup.profile.name} ${deskId}: ${JSON.stringify(event.data.alert.figures)}`,
    );
  }
}
