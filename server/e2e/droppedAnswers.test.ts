import { it } from 'vitest';
import type { VenueAnswer } from '../ports/venue.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { MoneyWorld } from '../testing/e2e/moneyWorld.ts';
import { proveMoney } from '../testing/e2e/proveMoney.ts';
import { say } from '../testing/e2e/say.ts';
import { sizeOf } from '../testing/e2e/sizeOf.ts';
import type { AnswerFate, LineCall, WriteKind } from '../testing/e2e/venueLine.ts';
import { inLongForm } from '../testing/longForm.ts';

const cleanups = cleanupsAfterEach();

const DROPS = sizeOf('drops', inLongForm(150, 40));
const SEED = sizeOf('seed', 1);
const KINDS: readonly WriteKind[] = ['entry', 'close', 'stop', 'amend', 'cancel'];
/** Of answers to writes that took effect; stops of their own are rare where entries carry them. */
const SHARE = 0.4;
const STOP_SHARE = 0.9;
const LIMIT_MS = 300_000 + DROPS * 2_000;

it(`[E2E-66] [R19] [N6] [D7] [INV-4] [INV-9] ${DROPS} answers lost after the venue executed: nothing is sent twice, no fill is lost, the books agree to the last digit`, {
  timeout: LIMIT_MS + 600_000,
}, async () => {
  const world = await MoneyWorld.start(
    { seed: SEED, botsEach: 4, handsEach: 5, venueEnv: { SIM_PROFILE: 'v2-like' } },
    cleanups,
  );
  await world.trade();
  const dropped = new Map<string, number>();
  let drops = 0;
  world.line.fateOf = (call: LineCall, answer: VenueAnswer): AnswerFate => {
    if (call.kind === null || call.kind === 'setting' || answer.outcome !== 'accepted') return 'arrives';
    const isWanted = drops < DROPS || !dropped.has(call.kind);
    if (!isWanted || !world.random.chance(call.kind === 'stop' ? STOP_SHARE : SHARE)) return 'arrives';
    drops += 1;
    const fate = world.random.pick(['silence', 'silence', 'deaf', 'cut'] as const);
    for (const key of [call.kind, fate]) dropped.set(key, (dropped.get(key) ?? 0) + 1);
    return fate;
  };
  await world.until(
    () => `${drops} of ${DROPS} answers lost, of each kind one: ${[...dropped.keys()].join(', ')}`,
    () => drops >= DROPS && KINDS.every((kind) => dropped.has(kind)),
    LIMIT_MS,
  );
  await world.quiet();
  const figures = await proveMoney(world);
  say(`${drops} answers lost: ${[...dropped].map(([key, count]) => `${count} ${key}`).join(', ')}`);
  say(JSON.stringify(figures));
});
