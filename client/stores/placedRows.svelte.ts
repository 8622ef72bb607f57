import type { SteadyRow, SteadyRows } from './steadyRows.ts';

/** How long what is gone keeps its place, ms: to be seen, and until no finger is on its way to a row below. */
const GONE_MS = 8_000;
const LOOK_EVERY_MS = 1_000;

/** The rows of a list at their places: what is gone leaves after a while, but not from under a mouse. */
export class PlacedRows<T> {
  readonly #steady: SteadyRows<T>;
  #leaveBefore = $state(Number.NEGATIVE_INFINITY);
  #isHeld = false;

  constructor(steady: SteadyRows<T>) {
    this.#steady = steady;
  }

  take(rows: readonly T[]): SteadyRow<T>[] {
    return this.#steady.take(rows, performance.now(), this.#leaveBefore);
  }

  /** Lets them leave. Call in an effect while any is gone; returns how to stop. */
  sweep(): () => void {
    const timer = setInterval(() => {
      if (!this.#isHeld) this.#leaveBefore = performance.now() - GONE_MS;
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }

  /** Of the list. A finger that has left tells nothing, so that only a mouse holds. */
  readonly onpointerenter = ({ pointerType }: PointerEvent): void => {
    this.#isHeld = pointerType === 'mouse';
  };

  readonly onpointerleave = (): void => {
    this.#isHeld = false;
  };
}
