import { ZERO } from '../../../shared/domain/decimal.ts';
import { heldOn } from '../../core/bot/barsDue.ts';
import { type Decision, decide } from '../../core/decide.ts';
import type { Desk } from '../../core/desk.ts';
import type { Input } from '../../core/inputs.ts';
import { InvariantBroken } from '../broken.ts';
import { noteRecovery } from '../history.ts';
import { AskedBars, checkBar, noteDecidedBar, takeBackBars } from '../invariants/bars.ts';
import { checkCancels, checkDecision } from '../invariants/decision.ts';
import { checkEffectOwner } from '../invariants/owner.ts';
import { checkReadings, checkRecoveries } from '../invariants/pace.ts';
import { checkUnrecovered } from '../invariants/readiness.ts';
import { NOTHING } from '../mutants/nothing.ts';
import type { World } from '../world.ts';
import type { DecidedAmends } from './decidedAmends.ts';
import type { KernelProcess } from './kernelProcess.ts';

/** A decision that was to fail, or of a process that is dead. */
class Injected extends Error {
  override name = 'Injected';
}

/** What one process decides, watched: the core's decisions, or a mutant's. */
export class WatchedDecisions {
  readonly #world: World;
  readonly #process: KernelProcess;
  readonly #amends: DecidedAmends;
  readonly #asked = new AskedBars();
  /** As it was decided on last: another one was read from the log since. */
  readonly #desks = new Map<string, Desk>();
  /** Those that were read from the log, and have not recovered since. */
  readonly #unrecovered = new Set<string>();
  /** World times of recoveries that failed. */
  readonly #failedRecoveries = new Map<string, number[]>();
  /** Readings of each account that followed one from the other. */
  readonly #readings = new Map<string, number>();

  constructor(world: World, process: KernelProcess, amends: DecidedAmends) {
    this.#world = world;
    this.#process = process;
    this.#amends = amends;
  }

  readonly decide: typeof decide = (desk, input, context) => {
    const [world, process] = [this.#world, this.#process];
    // What it still does in the turn in which it dies reaches nobody.
    if (!process.isAlive) throw new Injected('dead');
    const { deskId } = desk;
    this.#noteRead(desk);
    const state = process.stateOf(deskId);
    if (state === 'stuck' && world.sabotage.stuckTakesNothing === true) return { ...NOTHING };
    if (input.type === 'BarClosed' && process.isCurrent)
      world.watched(() => checkBar(world, { deskId, desk }, context, this.#asked, input));
    if (input.type === 'VenueFillSeen') process.heardFills.add(`${input.accountId}:${input.fill.fillId}`);
    if (input.type === 'OrderWithdrawn') world.coverage.count('met:withdrawn');
    const held = input.type === 'BarClosed' && process.isCurrent ? heldOn(desk, input) : [];
    const decision = this.#decided(desk, input, context);
    for (const { data } of decision.events)
      if ('position' in data && data.position.size === ZERO) this.#asked.end(deskId, data.position);
    if (input.type === 'BarClosed' && decision.events.length > 0) noteDecidedBar(world, desk, held, input);
    if (world.failsToDecide({ deskId, state }, input)) {
      this.#noteFailure(desk, input);
      throw new Injected('injected: a decision fails');
    }
    // One that was at rest has nothing under way: it is woken, and has its accounts read.
    if (input.type === 'Recovered' || input.type === 'Woken') this.#unrecovered.delete(deskId);
    world.watched(() => {
      if (this.#unrecovered.has(deskId)) checkUnrecovered(deskId, decision);
      world.decided(deskId, input, decision);
      if (process.isCurrent) checkDecision(world, desk, context, input, decision);
      checkCancels(desk, input, decision);
      checkReadings(this.#readings, input, decision.effects);
      for (const effect of decision.effects) checkEffectOwner(world.log, deskId, effect);
    });
    this.#amends.note(decision.effects);
    return decision;
  };

  #decided(...[desk, input, context]: Parameters<typeof decide>): Decision {
    const { decide: mutant } = this.#world.sabotage;
    return this.#world.watched(() => {
      try {
        return mutant === undefined ? decide(desk, input, context) : mutant(decide, desk, input, context);
      } catch (error) {
        if (error instanceof InvariantBroken) throw error;
        const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
        throw new InvariantBroken('DECIDE', `a decision on ${input.type} failed: ${stack}`);
      }
    });
  }

  #noteRead(desk: Desk): void {
    const { deskId } = desk;
    if (this.#desks.get(deskId) === desk) return;
    this.#desks.set(deskId, desk);
    // A new one has nothing to ask for.
    if (desk.seq > 0) this.#unrecovered.add(deskId);
    this.#asked.forget(desk);
    // What one that was taken over reads says nothing of those that serve.
    if (!this.#process.isCurrent) return;
    takeBackBars(this.#world, desk);
    for (const { account } of desk.accounts.values())
      this.#world.history.statuses.set(account.accountId, account.status);
  }

  #noteFailure(desk: Desk, input: Input): void {
    const [world, { deskId }] = [this.#world, desk];
    noteRecovery(world, desk);
    if (input.type !== 'Recovered') return;
    world.coverage.count('met:recovery failed');
    const times = [...(this.#failedRecoveries.get(deskId) ?? []), world.now];
    this.#failedRecoveries.set(deskId, times);
    world.watched(() => checkRecoveries(deskId, times));
  }
}
