import type { VenueBill } from '../../../ports/venue.ts';

export interface BillPage {
  bills: VenueBill[];
  /** How many entries there were, those of trades included. */
  told: number;
  /** When the newest of them happened; 0: there is none. */
  newest: number;
  /** Where the next page begins; null: there is none. */
  cursor: string | null;
}

/** Where the newest bill is; of a page that holds none, where it ends: what lies before it is older. */
export const newestOf = ({ bills, newest }: BillPage): number =>
  bills.length === 0 ? newest : Math.max(...bills.map(({ cursor }) => cursor));
