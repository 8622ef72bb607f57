import { expect, it } from 'vitest';
import type { VenueAnswer } from '../ports/venue.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { MoneyWorld } from '../testing/e2e/moneyWorld.ts';
import { proveMoney } from '../testing/e2e/proveMoney.ts';
import { say } from '../testing/e2e/say.ts';
import { sizeOf } from '../testing/e2e/sizeOf.ts';
import type { AnswerFate, LineCall } from '../testing/e2e/venueLine.ts';
import { inLongForm } from '../testing/longForm.ts';

const cleanups = cleanupsAfterEach();

const KILLS = sizeOf('kills', inLongForm(12, 5));
const SEED = sizeOf('seed', 1);
/** Answers lost besides, of those to writes that took effect. */
const LOST_SHARE = 0.1;

/** When it dies: as a write leaves it, as the venue has executed and not answered, or as it hears of something. */
const MOMENTS = ['write', 'executed', 'OrderSubmitted', 'FillRecorded', 'PositionChanged'] as const;

it(`[E2E-61] [R19] [N6] [D5] [D7] [INV-1] [INV-3] [INV-4] [INV-9] killed ${KILLS} times in mid-flight while the venue trades on and answers get lost: nothing is sent twice, no fill is lost, devices have every event once`, {
  timeout: 600_000 + KILLS * 30_000,
}, async () => {
  const world = await MoneyWorld.start(
    { seed: SEED, botsEach: 4, handsEach: 4, venueEnv: { SIM_PROFILE: 'v3-like' } },
    cleanups,
  );
  await world.trade();
  const { line, random, server } = world;
  const died = new Map<string, number>();
  let wanted: (typeof MOMENTS)[number] | undefined;
  let killed: Promise<void> | undefined;
  let lost = 0;
  const kill = (moment: typeof wanted): void => {
    if (wanted !== moment || moment === undefined || killed !== undefined) return;
    died.set(moment, (died.get(moment) ?? 0) + 1);
    killed = server.kill();
  };
  line.onCall = (call: LineCall) => {
    if (call.kind !== null) kill('write');
    return undefined;
  };
  line.fateOf = (call: LineCall, answer: VenueAnswer): AnswerFate => {
    if (call.kind === null || answer.outcome !== 'accepted') return 'arrives';
    if (wanted === 'executed') {
      kill('executed');
      return 'silence';
    }
    if (!random.chance(LOST_SHARE)) return 'arrives';
    lost += 1;
    return random.pick(['silence', 'deaf', 'cut'] as const);
  };
  for (const { device } of world.desks) {
    device.client.onView(({ frames }) => {
      if (frames !== 'snapshot') for (const { kind } of frames) if (kind === wanted) kill(wanted);
    });
  }
  for (let count = 0; count < KILLS; count += 1) {
    killed = undefined;
    wanted = random.pick(MOMENTS);
    await world.until(
      () => `${wanted} before kill ${count + 1}`,
      () => killed !== undefined,
    );
    wanted = undefined;
    await killed;
    await server.start();
    await eventually('the devices are back', () =>
      world.desks.every(({ device }) => device.client.status.state === 'live'),
    );
  }
  await world.quiet();
  const figures = await proveMoney(world);
  say(
    `${KILLS} kills: ${[...died].map(([key, count]) => `${count} ${key}`).join(', ')}; ${lost} answers lost`,
  );
  say(JSON.stringify(figures));
  expect(figures.fills).toBeGreaterThan(KILLS);
});
