import type { Trade } from '../../../shared/domain/fill.ts';
import type { DeskEvent } from '../../core/events.ts';
import { InvariantBroken } from '../broken.ts';
import { DAY_MS } from '../host/datedAhead.ts';
import type { World } from '../world.ts';

/** Trades of an account and symbol that a bill may come too late for. */
const REMEMBERED = 5;

/** Funding is of what was open at its time, by the venue's own date: a trade that is over is told anew with it. */
export class Payers {
  /** By account and symbol: when what is open was opened, and what it has paid. */
  readonly #open = new Map<string, { openedAt: number; funding: string }>();
  readonly #ended = new Map<string, Trade[]>();

  /** The events of one commit; each decision is whole in it. */
  check({ venue }: World, events: readonly DeskEvent[]): void {
    let due: { key: string; ts: number; tradeId: string | undefined } | undefined;
    for (const event of events) {
      if (event.kind === 'FundingPaid') {
        mustBePaid(due);
        const { accountId, bill } = event.data;
        const made = venue.books.get(accountId)?.bills.find(({ billId }) => billId === bill.billId);
        const isDatedAhead = made === undefined || bill.ts >= made.ts + DAY_MS;
        const key = `${accountId}:${bill.symbol}`;
        due = isDatedAhead ? undefined : { key, ts: made.ts, tradeId: this.#payer(key, made.ts) };
      }
      if (event.kind === 'TradeChanged' && event.data.trade.tradeId === due?.tradeId) due = undefined;
      if (event.kind !== 'PositionChanged') continue;
      const { position, trade } = event.data;
      const { accountId, symbol, openedAt, funding, size } = position;
      const key = `${accountId}:${symbol}`;
      const before = this.#open.get(key);
      const isPaying = before?.openedAt === openedAt && before.funding !== funding;
      if (isPaying && due?.key === key && openedAt > due.ts)
        throw new InvariantBroken('PAYER', `${key}, opened at ${openedAt}, pays funding of ${due.ts}`);
      if (trade !== null) this.#ended.set(key, [...(this.#ended.get(key) ?? []), trade].slice(-REMEMBERED));
      if (size === '0' || trade !== null) this.#open.delete(key);
      if (size !== '0' && trade === null) this.#open.set(key, { openedAt, funding });
    }
    mustBePaid(due);
  }

  /** The trade that has to pay, where nothing that is open was so at that time. */
  #payer(key: string, ts: number): string | undefined {
    const open = this.#open.get(key);
    if (open !== undefined && open.openedAt < ts) return undefined;
    const trades = this.#ended.get(key) ?? [];
    return trades.findLast(({ openedAt, closedAt }) => openedAt < ts && ts <= closedAt)?.tradeId;
  }
}

function mustBePaid(due: { key: string; ts: number; tradeId: string | undefined } | undefined): void {
  if (due?.tradeId === undefined) return;
  throw new InvariantBroken(
    'PAYER',
    `trade ${due.tradeId} of ${due.key} does not pay the funding of ${due.ts}`,
  );
}
