import type { Breach, Limits } from '../../../shared/domain/account.ts';
import { type Decimal, dec, gt, isPositive, max, mulDiv, neg, sub } from '../../../shared/domain/decimal.ts';
import { STOP_OUT_WINDOW_MS } from '../rules/limitValues.ts';
import type { LimitScope } from './limitScope.ts';
import type { ScopeValue } from './scopeValue.ts';

/** Every limit that is broken now, with its figures. The present equity may be the peak itself. */
export function brokenNow(scope: LimitScope, value: ScopeValue): Breach[] {
  return [
    ...dailyLossOf(scope.limits, value),
    ...drawdownOf(scope.limits, value),
    ...stopOutsOf(scope, value.ts),
  ];
}

/** What `brokenNow` found beyond what stands: another limit, or one whose policy has become harsher since. */
export function isNews(found: Breach, standing: readonly Breach[]): boolean {
  return !standing.some(
    ({ limit, policy }) => limit === found.limit && (policy !== 'hold' || !closes(found)),
  );
}

/** A policy that this server does not know closes. */
export function closes({ policy }: Breach): boolean {
  return policy !== 'hold';
}

/** The others end when they are released by hand. */
export function endsWithDay({ limit }: Breach): boolean {
  return limit === 'daily_loss';
}

/** Realised − fees + funding since local midnight + change of unrealised: transfers moved the baseline along. */
export function dayChange(limits: Limits, equity: Decimal): Decimal | null {
  return limits.dayStart === null ? null : sub(equity, limits.dayStart.equity);
}

/** In percent of the peak of transfer-adjusted equity. */
export function drawdownPct(limits: Limits, equity: Decimal): Decimal | null {
  const peak = max(limits.peakEquity ?? equity, equity);
  return isPositive(peak) ? mulDiv(sub(peak, equity), dec('100'), peak, 4) : null;
}

function dailyLossOf(limits: Limits, { equity, ts }: ScopeValue): Breach[] {
  const { dailyLoss, dailyLossPolicy: policy } = limits.values;
  const change = dayChange(limits, equity);
  if (dailyLoss === null || change === null || !gt(neg(change), dailyLoss)) return [];
  return [{ limit: 'daily_loss', actual: change, allowed: neg(dailyLoss), ts, policy }];
}

function drawdownOf(limits: Limits, { held, ts }: ScopeValue): Breach[] {
  const { drawdownPct: allowed, drawdownPolicy: policy } = limits.values;
  const drawdown = drawdownPct(limits, held);
  if (allowed === null || drawdown === null || !gt(drawdown, allowed)) return [];
  return [{ limit: 'drawdown', actual: drawdown, allowed, ts, policy }];
}

/** How many stop-outs count at market time `ts`, and for how long. */
export function stopOutsNow(
  { limits, accounts }: LimitScope,
  ts: number,
): { counted: number; windowMs: number } {
  const windowMs = limits.values.stopOutWindowMs ?? STOP_OUT_WINDOW_MS;
  const since = Math.max(ts - windowMs, limits.stopOutsSince ?? 0);
  return {
    counted: accounts.flatMap(({ stopOuts }) => stopOuts).filter((at) => at > since).length,
    windowMs,
  };
}

/** Every position of a guard's account has its own stop: nothing is closed. */
function stopOutsOf(scope: LimitScope, ts: number): Breach[] {
  const most = scope.limits.values.maxStopOuts ?? null;
  if (most === null) return [];
  const { counted, windowMs } = stopOutsNow(scope, ts);
  if (counted < most) return [];
  const [actual, allowed] = [dec(String(counted)), dec(String(most))];
  return [{ limit: 'stop_outs', actual, allowed, windowMs, ts, policy: 'hold' }];
}
