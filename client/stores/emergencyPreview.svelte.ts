import type { OpResult } from '../../shared/protocol/ops.ts';
import type { DeskStore } from './desk.svelte.ts';

export type Preview = Extract<OpResult<'emergency.stop'>, { status: 'preview' }>;
export type OpenRow = Preview['positions'][number];
export type OrderRow = NonNullable<Preview['orderRows']>[number];

/** Least time between two questions, ms: the server asks every venue for the answer. */
const ASK_EVERY_MS = 1_000;

/** What an emergency stop would close now: asked for anew whenever something else is open. */
export class EmergencyPreview {
  /** The newest answer; null: none yet. */
  shown = $state.raw<Preview | null>(null);
  failed = $state(false);
  #busy = false;
  #again = false;
  readonly #ask: () => Promise<OpResult<'emergency.stop'>>;

  constructor(ask: () => Promise<OpResult<'emergency.stop'>>) {
    this.#ask = ask;
  }

  renew(): void {
    if (this.#busy) this.#again = true;
    else void this.#run();
  }

  async #run(): Promise<void> {
    this.#busy = true;
    try {
      const result = await this.#ask();
      this.failed = result.status !== 'preview';
      if (result.status === 'preview') this.shown = result;
    } catch {
      this.failed = true;
    }
    setTimeout(() => {
      this.#busy = false;
      if (!this.#again) return;
      this.#again = false;
      this.renew();
    }, ASK_EVERY_MS);
  }
}

type Desk = Pick<DeskStore, 'positions' | 'orders'>;
const originOf = ({ botId, foreign }: { botId: string | null; foreign?: boolean | undefined }) =>
  foreign === true ? 'foreign' : botId === null ? 'manual' : 'bot';

/** The same from what this page knows of the desk, for as long as nobody can be asked. */
export function knownOpen(desk: Desk): { positions: OpenRow[]; orderRows: OrderRow[] } {
  return {
    positions: desk.positions.map(({ accountId, symbol, direction, size, botId, foreign }) => ({
      ...{ accountId, symbol, direction, size, botId },
      origin: originOf({ botId, foreign }),
    })),
    orderRows: desk.orders.map(({ accountId, symbol, side, type, purpose, size, price, botId, foreign }) => ({
      ...{ accountId, symbol, side, type, purpose, size, price, botId },
      origin: originOf({ botId, foreign }),
    })),
  };
}

/** Changes whenever something else is open, or as much of it. */
export const whatIsOpen = ({ positions, orders }: Desk): string =>
  JSON.stringify([
    positions.map(({ accountId, symbol, direction, size }) => [accountId, symbol, direction, size]),
    orders.map(({ orderId, size }) => [orderId, size]),
  ]);
