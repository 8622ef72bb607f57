import { add, type Decimal, ZERO } from '../../../../shared/domain/decimal.ts';

interface FeePart {
  feeCoin: string | null;
  fee: Decimal | null;
}

/** What a fill paid, in the first coin that it paid in: fees are taken in one coin, the settlement coin or the exchange's own. */
export function feeOf(parts: readonly FeePart[]): { fee: Decimal; feeCoin: string | null } {
  const paid = parts.filter(({ fee }) => fee !== null);
  const feeCoin = paid[0]?.feeCoin?.toUpperCase() ?? null;
  const same = paid.filter((part) => (part.feeCoin?.toUpperCase() ?? null) === feeCoin);
  return { fee: same.reduce((total, { fee }) => add(total, fee ?? ZERO), ZERO), feeCoin };
}
