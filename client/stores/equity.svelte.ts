import type { Decimal } from '../../shared/domain/decimal.ts';
import type { FillwireClient } from '../../shared/sdk/client.ts';
import type { ValuationStore } from './valuations.svelte.ts';

export interface EquityPoint {
  /** Wall time, ms: the stored history is sorted by it, and market time runs at another speed. */
  ts: number;
  equity: Decimal;
}

/** Points a sparkline keeps; the oldest leave. */
export const EQUITY_POINTS = 400;
/** Live values closer together than this replace the newest point, ms. */
export const EQUITY_SPACING_MS = 5_000;

/** Adds a live value to a curve: a new point, or in the place of the newest when that is very young. */
export function appendPoint(points: readonly EquityPoint[], point: EquityPoint): EquityPoint[] {
  const last = points.at(-1);
  const before = points.at(-2);
  const replaces =
    last !== undefined &&
    before !== undefined &&
    point.ts - before.ts < EQUITY_SPACING_MS &&
    point.ts >= last.ts;
  const kept = replaces ? points.slice(0, -1) : points;
  return [...kept, point].slice(-EQUITY_POINTS);
}

/** One account's equity over time: stored history first, then what the `pnl` channel brings. */
export class EquityCurve {
  points = $state.raw<EquityPoint[]>([]);
  loaded = $state(false);
  readonly #client: Pick<FillwireClient, 'request'>;

  constructor(client: Pick<FillwireClient, 'request'>) {
    this.#client = client;
  }

  /** Call in an effect; returns how to stop. */
  watch(accountId: string): () => void {
    let wanted = true;
    this.points = [];
    this.loaded = false;
    this.#client.request('history.equity', { accountId, limit: EQUITY_POINTS }).then(
      ({ items }) => {
        if (!wanted) return;
        const history = items.map(({ ts, equity }) => ({ ts, equity })).reverse();
        const newest = history.at(-1)?.ts ?? 0;
        this.points = [...history, ...this.points.filter((point) => point.ts > newest)].slice(-EQUITY_POINTS);
        this.loaded = true;
      },
      () => {
        this.loaded = true;
      },
    );
    return () => {
      wanted = false;
    };
  }

  follow(valuations: Pick<ValuationStore, 'byAccount'>, accountId: string): void {
    const valuation = valuations.byAccount[accountId];
    if (valuation !== undefined)
      this.points = appendPoint(this.points, { ts: valuation.wallTs, equity: valuation.equity });
  }
}
