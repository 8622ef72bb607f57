import type { Book, Limits, LimitValues } from '../../../shared/domain/account.ts';
import { add, type Decimal, dec, mul, sub, sum, ZERO } from '../../../shared/domain/decimal.ts';
import type { Side } from '../../../shared/domain/order.ts';
import type { CommandOutcome } from '../../core/command/reply.ts';
import { Scenario } from './scenario.ts';

export const HOUR = 3_600_000;

/** A desk whose owner sets limits and trades by hand, on one account or several of one book. */
export class RiskDesk extends Scenario {
  set(values: Partial<LimitValues>, timeZone?: string, accountId: string = this.accountId): CommandOutcome {
    return this.command({ type: 'SetLimits', accountId, values, timeZone });
  }

  setBook(values: Partial<LimitValues>, timeZone?: string, book: Book = 'simulated'): CommandOutcome {
    return this.command({ type: 'SetLimits', book, values, timeZone });
  }

  limits(accountId: string = this.accountId): Limits {
    return this.state(accountId).limits;
  }

  bookLimits(book: Book = 'simulated'): Limits {
    const found = this.desk.bookLimits.get(book);
    if (found === undefined) throw new Error(`no limits over ${book}`);
    return found;
  }

  /** Of the first account. */
  setLeverage(leverage: number): void {
    const { accountId } = this;
    const change = { name: undefined, leverage, marginMode: undefined };
    const outcome = this.command({ type: 'UpdateAccount', accountId, ...change });
    if (!outcome.ok) throw new Error(outcome.refusal.code);
  }

  submit(side: Side, size: string, options: { accountId?: string; symbol?: string } = {}): CommandOutcome {
    return this.command(this.request(side, size, options));
  }

  request(side: Side, size: string, options: { accountId?: string; symbol?: string } = {}) {
    const { accountId = this.accountId, symbol = 'BTCUSDT' } = options;
    return this.orderByHand({ accountId, symbol, side, size: dec(size) });
  }

  /** Trades by hand at the mark, at once. */
  trade(side: Side, size: string, options: { accountId?: string; symbol?: string } = {}): void {
    this.openByHand(this.request(side, size, options).request);
  }

  /** Both clocks jump; the engine looks around. */
  jump(ms: number): void {
    this.advance(ms);
    this.tick(0);
  }

  /** Equity by the venue's books, which the desk has no part in. */
  equityAtVenue(accountId: string = this.accountId): Decimal {
    const venue = this.venueOf(accountId);
    const open = [...venue.positions].map(([symbol, held]) => {
      const value = mul(held.size, this.marks.get(symbol) ?? ZERO);
      return held.direction === 'long' ? sub(value, held.cost) : sub(held.cost, value);
    });
    return add(venue.balance, sum(open));
  }
}

/** What a loss is by definition, from the venue's fills and bills and the marks; for comparison with the engine's figure. */
export function tradedChange(
  desk: RiskDesk,
  since: { unrealised: Decimal; fills: number; bills: number },
  accountId: string = desk.accountId,
): Decimal {
  const venue = desk.venueOf(accountId);
  const realised = venue.fills.slice(since.fills).map((fill) => sub(fill.realisedPnl ?? ZERO, fill.fee));
  const funding = venue.bills.slice(since.bills).filter(({ kind }) => kind === 'funding');
  const unrealised = sub(desk.equityAtVenue(accountId), venue.balance);
  return add(add(sum(realised), sum(funding.map(({ amount }) => amount))), sub(unrealised, since.unrealised));
}
