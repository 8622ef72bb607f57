import type { Position } from '../../../shared/domain/position.ts';

type Measured = Pick<Position, 'unprotectedSince' | 'unprotectedMs'>;

/** Begins to count at market time `at`, unless it counts already. */
export function unprotectedFrom(position: Position, at: number): Measured {
  return {
    unprotectedSince: position.unprotectedSince ?? at,
    unprotectedMs: position.unprotectedMs,
  };
}

/** Ends the count at market time `at`: what was counted joins the position's total. */
export function unprotectedUntil(position: Position, at: number): Measured {
  const { unprotectedSince: since, unprotectedMs } = position;
  return {
    unprotectedSince: null,
    unprotectedMs: unprotectedMs + (since === null ? 0 : Math.max(0, at - since)),
  };
}
