import type { VenueAccountState, VenueBill, VenueFill } from '../../ports/venue.ts';
import type { AccountPush } from './account/state.ts';

/** How a venue counts for others what it counts 1, 2, 3, … for itself. */
export interface CursorShape {
  /** Rows in a row that share a cursor. */
  share: number;
  /** From one cursor to the next. */
  gap: number;
}

/** Every one its own, none left out. */
export const DENSE: CursorShape = { share: 1, gap: 1 };

/** The cursors of a venue as it tells them, and as it keeps them. */
export class ToldCursors {
  readonly #shape: CursorShape;

  constructor(shape: CursorShape) {
    this.#shape = shape;
  }

  /** The last row that it tells at or below `cursor`, by its own count. */
  kept(cursor: number): number {
    const { share, gap } = this.#shape;
    return share * Math.floor(cursor / gap);
  }

  row<T extends VenueFill | VenueBill>(row: T): T {
    return { ...row, cursor: this.#told(row.cursor) };
  }

  state(state: VenueAccountState): VenueAccountState {
    const { fills, bills } = state.cursors;
    return { ...state, cursors: { fills: this.#told(fills), bills: this.#told(bills) } };
  }

  push(push: AccountPush): AccountPush {
    if (push.type === 'fill') return { ...push, fill: this.row(push.fill) };
    if (push.type === 'bill') return { ...push, bill: this.row(push.bill) };
    return push;
  }

  #told(count: number): number {
    const { share, gap } = this.#shape;
    return gap * Math.ceil(count / share);
  }
}
