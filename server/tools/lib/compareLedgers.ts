import { add, type Decimal, isZero, sub, sum, ZERO } from '../../../shared/domain/decimal.ts';
import type { Fill } from '../../../shared/domain/fill.ts';
import { type Desk, SETTLEMENT_COIN } from '../../core/desk.ts';
import type { StoredEvent } from '../../ports/deskLog.ts';
import type { Venue, VenueFill } from '../../ports/venue.ts';
import { decodeEvent } from '../../runtime/storedEvents.ts';

export interface LedgerDifference {
  accountId: string;
  what: string;
  ours: string;
  theirs: string;
}

/** Holds a desk's books and its whole log against the venue's, to the last digit: every fill and bill, positions, balance. */
export async function compareLedgers(
  desk: Desk,
  venue: Pick<Venue, 'readAccount' | 'fillsSince' | 'billsSince'>,
  stored: readonly StoredEvent[],
): Promise<LedgerDifference[]> {
  const found: LedgerDifference[] = [];
  const events = stored.map(decodeEvent);
  for (const { account } of desk.accounts.values()) {
    const { accountId } = account;
    const differ = (what: string, ours: string, theirs: string): void => {
      if (ours !== theirs) found.push({ accountId, what, ours, theirs });
    };
    const theirs = await venue.readAccount({ accountId });
    const fills = await venue.fillsSince({ accountId }, 0);
    const bills = await venue.billsSince({ accountId }, 0);
    const ours: Fill[] = [];
    let moved: Decimal = ZERO;
    for (const event of events) {
      if (event.kind === 'FillRecorded' && event.data.fill.accountId === accountId)
        ours.push(event.data.fill);
      if (event.kind === 'FundingPaid' && event.data.accountId === accountId)
        moved = add(moved, event.data.bill.amount);
      if (
        event.kind === 'BalanceChanged' &&
        event.data.bill !== null &&
        event.data.account.accountId === accountId
      ) {
        moved = add(moved, event.data.bill.amount);
      }
    }
    const known = new Map(ours.map((fill) => [fill.fillId, fill]));
    differ('number of fills', String(ours.length), String(fills.length));
    for (const fill of fills) {
      const own = known.get(fill.fillId);
      // What it realised, a venue need not tell.
      const realised = fill.realisedPnl ?? own?.realisedPnl ?? null;
      differ(
        `fill ${fill.fillId}`,
        own === undefined ? 'missing' : line(own, paidFor(own), own.realisedPnl),
        line(fill, `${fill.fee} ${fill.feeCoin ?? SETTLEMENT_COIN}`, realised),
      );
    }
    differ('Σ funding, transfers and adjustments', moved, sum(bills.map((bill) => bill.amount)));
    const result = sum(ours.map((fill) => sub(fill.realisedPnl, fill.fee)));
    differ('balance by the ledger law', add(result, moved), theirs.balances.USDT ?? ZERO);
    differ('balance', account.balances.USDT ?? ZERO, theirs.balances.USDT ?? ZERO);
    const held = [...desk.positions.values()].filter((position) => position.accountId === accountId);
    const open = theirs.positions.filter((position) => !isZero(position.size));
    differ('open positions', String(held.length), String(open.length));
    for (const position of open) {
      const mine = held.find((one) => one.symbol === position.symbol);
      differ(
        `position ${position.symbol}`,
        mine === undefined ? 'none' : `${mine.direction} ${mine.size} cost ${mine.cost}`,
        `${position.direction} ${position.size} cost ${position.cost}`,
      );
    }
  }
  return found;
}

const line = (fill: Fill | VenueFill, fee: string, realised: Decimal | null): string =>
  [fill.fillId, fill.side, fill.price, fill.size, fee, realised].join(' ');

/** With its coin, as the venue took it. */
const paidFor = ({ fee, otherFee }: Fill): string =>
  otherFee === undefined ? `${fee} ${SETTLEMENT_COIN}` : `${otherFee.amount} ${otherFee.coin}`;
