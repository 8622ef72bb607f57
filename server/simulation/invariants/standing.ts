import type { Account, Limits } from '../../../shared/domain/account.ts';
import type { Actor } from '../../../shared/domain/actor.ts';
import type { DeskEvent } from '../../core/events.ts';
import { riskDay } from '../../core/rules/riskDay.ts';
import { InvariantBroken } from '../broken.ts';

/** Market ms. */
const CLOCK_OFF_MS = 600_000;

/** What stands until its owner, or the calendar, says otherwise: latches, freezes, risk days and breaches. */
export class Standing {
  readonly #accounts = new Map<string, Account>();
  readonly #desks = new Map<string, Set<string>>();
  readonly #limits = new Map<string, Limits>();
  /** Desks that an administrator has stopped as a whole. */
  readonly #stopped = new Set<string>();

  check(deskId: string, events: readonly DeskEvent[], marketTime: number): void {
    for (const event of events) {
      const { kind: by } = event.by;
      const isAsked = by !== 'engine';
      if (event.kind === 'DeskLatched') this.#stopNow(deskId, event.data.latch !== null, by);
      if (event.kind === 'LimitChanged' || event.kind === 'LimitBreached')
        this.#limitsNow(deskId, event.data.limits, isAsked, marketTime);
      else if ('account' in event.data) this.#accountNow(deskId, event.data.account, by);
    }
  }

  #stopNow(deskId: string, isStopped: boolean, by: Actor['kind']): void {
    if (by !== 'admin')
      throw new InvariantBroken(
        'INV-8',
        `the stop of ${deskId} is an administrator’s, not for ${by} to set or end`,
      );
    if (isStopped) this.#stopped.add(deskId);
    else this.#stopped.delete(deskId);
  }

  #accountNow(deskId: string, next: Account, by: Actor['kind']): void {
    const { accountId } = next;
    const before = this.#accounts.get(accountId);
    const desk = this.#desks.get(deskId) ?? new Set();
    if (before === undefined) this.#born(deskId, next, [...desk]);
    this.#accounts.set(accountId, next);
    this.#desks.set(deskId, desk.add(accountId));
    if (before === undefined) return;
    if (before.latch?.by === 'admin' && next.latch?.by !== 'admin' && by !== 'admin')
      throw new InvariantBroken(
        'INV-8',
        `the latch of ${accountId} is an administrator’s, and ${by} ends it`,
      );
    if (by !== 'engine') return;
    if (before.latch !== null && next.latch === null)
      throw new InvariantBroken('INV-8', `the latch of ${accountId} is gone, and nobody released it`);
    if (before.foreign !== null && next.foreign === null)
      throw new InvariantBroken('INV-12', `foreign activity on ${accountId} counts as resolved by nobody`);
  }

  /** What holds for all there was holds for what is opened beside it. */
  #born(deskId: string, { accountId, latch }: Account, others: readonly string[]): void {
    const latches = others.map((id) => this.#accounts.get(id)?.latch ?? null);
    const isStopped = this.#stopped.has(deskId) || latches.some((other) => other?.by === 'admin');
    if (isStopped && latch?.by !== 'admin')
      throw new InvariantBroken(
        'INV-8',
        `${accountId} is opened free of an administrator’s stop of its desk`,
      );
    const areLatched = latches.every((other) => other !== null);
    if (others.length > 0 && areLatched && latch === null)
      throw new InvariantBroken('INV-8', `${accountId} is opened free of the stop of its desk`);
  }

  #limitsNow(deskId: string, next: Limits, isAsked: boolean, marketTime: number): void {
    const { accountId } = next;
    // Those over a book are called the same on every desk.
    const key = `${deskId}:${accountId}`;
    const before = this.#limits.get(key);
    this.#limits.set(key, next);
    if (before === undefined || isAsked || before.dayStart === null) return;
    const dayOf = (ts: number): string => riskDay(ts, before.timeZone);
    const began = dayOf(before.dayStart.ts);
    const isAnew = next.dayStart?.ts !== before.dayStart.ts;
    if (next.dayStart === null || (isAnew && dayOf(next.dayStart.ts) === began))
      throw new InvariantBroken('RISK', `the risk day of ${accountId} began anew within the same day`);
    // A process may see the market's clock a little off.
    const isSameDay = [-CLOCK_OFF_MS, CLOCK_OFF_MS].every((off) => dayOf(marketTime + off) === began);
    if (isAnew && isSameDay)
      throw new InvariantBroken('RISK', `another risk day of ${accountId} begins before its midnight`);
    for (const { limit } of before.breaches) {
      if (next.breaches.some((one) => one.limit === limit)) continue;
      if (isSameDay || limit !== 'daily_loss')
        throw new InvariantBroken(
          'RISK',
          `the breach ${limit} of ${accountId} is gone, and nobody released it`,
        );
    }
  }
}
