import type { Context } from '../core/context.ts';
import { valuate } from '../core/risk/valuation.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventPublisher } from '../ports/eventBus.ts';
import type { DeskRecord } from './deskRecord.ts';
import { notice } from './notice.ts';

/** What desks with positions are worth, to their devices, each time that it has changed. */
export class ValuationPushes {
  readonly #context: Context;
  readonly #publisher: EventPublisher;
  readonly #clock: Clock;
  /** What was told last, by desk. */
  readonly #told = new Map<string, string>();

  constructor(options: { context: Context; publisher: EventPublisher; clock: Clock }) {
    this.#context = options.context;
    this.#publisher = options.publisher;
    this.#clock = options.clock;
  }

  run(records: Iterable<DeskRecord>): void {
    for (const record of records) {
      // While it is read back its desk may hold what was never stored.
      if (record.state !== 'ready') continue;
      if (record.desk.positions.size > 0 || this.#told.has(record.deskId)) this.#push(record);
    }
  }

  #push({ deskId, desk }: DeskRecord): void {
    const valuations = [...desk.accounts.values()]
      .map((state) => valuate(desk, state, this.#context))
      .filter((valuation) => valuation !== undefined);
    const key = valuations.map((v) => `${v.accountId}${v.equity}${v.marginUsed}`).join();
    if (this.#told.get(deskId) === key) return;
    // The value after the last position closed goes out once more, then the desk is left alone.
    if (desk.positions.size > 0) this.#told.set(deskId, key);
    else this.#told.delete(deskId);
    const push = { ch: 'pnl', kind: 'pnl', ts: this.#clock.now(), data: valuations } as const;
    this.#publisher.publish(notice(deskId, push));
  }
}
