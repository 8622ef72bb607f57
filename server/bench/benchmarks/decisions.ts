import { decide } from '../../core/decide.ts';
import { type Desk, newDesk } from '../../core/desk.ts';
import type { Input } from '../../core/inputs.ts';
import type { BenchContext, Benchmark } from '../benchmark.ts';
import { DEPOSIT, InstantWorld, VENUE } from '../core/instantWorld.ts';
import { atLeast, type Figure, figure, formatValue } from '../figure.ts';

const GOAL_PER_S = 300_000;
/** Price moves to each order: markets move far more often than anyone trades. */
const PRICE_MOVES_PER_ORDER = 40;
const RUN_MS = { quick: 1_000, full: 5_000 } as const;
/** Compiled before the clock starts. */
const WARM_UP_MS = 500;

/** A desk that trades by itself: an order, what the venue answers, and the prices in between. */
class TradingDesk {
  readonly #priceMovesPerOrder: number;
  decisions = 0;
  events = 0;
  readonly #world = new InstantWorld();
  readonly #desk: Desk = newDesk('bench');
  readonly #accountId: string;
  #orders = 0;

  constructor(priceMovesPerOrder: number) {
    this.#priceMovesPerOrder = priceMovesPerOrder;

    this.#decideAll({ type: 'OpenDesk', venue: VENUE, deposit: DEPOSIT });
    const [account] = this.#desk.accounts.keys();
    if (account === undefined) throw new Error('the desk did not open an account');
    this.#accountId = account;
  }

  /** One order with all that follows, then the price moves. */
  cycle(): void {
    const side = this.#orders % 2 === 0 ? 'buy' : 'sell';
    this.#orders += 1;
    this.#decideAll(this.#world.order(this.#accountId, side, `command-${this.#orders}`));
    for (let move = 0; move < this.#priceMovesPerOrder; move += 1) this.#decideAll(this.#world.movePrice());
  }

  #decideAll(first: Input): void {
    const inbox = [first];
    for (let input = inbox.shift(); input !== undefined; input = inbox.shift()) {
      const { events, effects, outcome } = decide(this.#desk, input, this.#world.context);
      if (outcome !== null && !outcome.ok) throw new Error(`refused: ${outcome.refusal.code}`);
      this.decisions += 1;
      this.events += events.length;
      for (const effect of effects) inbox.push(...this.#world.answers(effect));
    }
  }
}

interface Run {
  decisions: number;
  events: number;
  elapsedMs: number;
  /** Processor time of this process meanwhile, collecting garbage included. */
  cpuMs: number;
}

function runFor(desk: TradingDesk, durationMs: number): Run {
  const before = { decisions: desk.decisions, events: desk.events };
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  while (performance.now() - start < durationMs) desk.cycle();
  const elapsedMs = performance.now() - start;
  const cpu = process.cpuUsage(cpuBefore);
  return {
    decisions: desk.decisions - before.decisions,
    events: desk.events - before.events,
    elapsedMs,
    cpuMs: (cpu.user + cpu.system) / 1_000,
  };
}

function measure(
  name: string,
  priceMovesPerOrder: number,
  durationMs: number,
  context: BenchContext,
): Figure {
  context.progress(name);
  const desk = new TradingDesk(priceMovesPerOrder);
  runFor(desk, WARM_UP_MS);
  const { decisions: decided, events, elapsedMs, cpuMs } = runFor(desk, durationMs);
  const moves = priceMovesPerOrder === 0 ? 'no price moves' : `then ${priceMovesPerOrder} price moves`;
  const note = `a market order, its answer, fill and end, ${moves}; ${formatValue(events / decided)} events and ${formatValue((cpuMs * 1_000) / decided)} µs of processor per decision`;
  const goal = priceMovesPerOrder === 0 ? null : atLeast(GOAL_PER_S);
  return figure(name, (decided * 1_000) / elapsedMs, '/s', goal, note);
}

export const decisions: Benchmark = {
  name: 'core-decisions',
  fullOnly: false,
  run: async (context) => {
    const durationMs = RUN_MS[context.quick ? 'quick' : 'full'];
    return [
      measure('core decisions', PRICE_MOVES_PER_ORDER, durationMs, context),
      measure('core decisions: orders only', 0, durationMs, context),
    ];
  },
};
