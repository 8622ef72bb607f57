import { add, type Decimal, eq, sub, ZERO } from '../../../shared/domain/decimal.ts';
import type { DeskEvent } from '../../core/events.ts';
import { InvariantBroken } from '../broken.ts';

const COIN = 'USDT';

/** Balances as fills and bills make them: what the log says of a balance must be just that. */
export class LedgerLaw {
  readonly #explained = new Map<string, Decimal>();

  /** The events of one commit; each decision is whole in it. */
  check(events: readonly DeskEvent[]): void {
    const told = new Map<string, Decimal>();
    for (const event of events) {
      switch (event.kind) {
        case 'FillRecorded': {
          const { accountId, realisedPnl, fee } = event.data.fill;
          this.#explain(accountId, sub(realisedPnl as Decimal, fee as Decimal));
          break;
        }
        case 'RealisedSettled':
          this.#explain(event.data.accountId, event.data.amount);
          break;
        case 'FundingPaid':
          this.#explain(event.data.accountId, event.data.bill.amount);
          break;
        case 'BalanceChanged': {
          const { account, bill } = event.data;
          if (bill !== null) this.#explain(account.accountId, bill.amount);
          told.set(account.accountId, (account.balances[COIN] ?? ZERO) as Decimal);
          break;
        }
      }
    }
    for (const [accountId, balance] of told) {
      const explained = this.#explained.get(accountId) ?? ZERO;
      if (!eq(explained, balance))
        throw new InvariantBroken(
          'INV-9',
          `the balance of ${accountId} is ${balance}, fills and bills explain ${explained}`,
        );
    }
  }

  #explain(accountId: string, amount: Decimal): void {
    this.#explained.set(accountId, add(this.#explained.get(accountId) ?? ZERO, amount));
  }
}
