import type { DeskFrame } from '../../shared/protocol/frames.ts';

/** When one fill passed each station, ms on the server's clock (`venueTs`: the venue's). */
export interface DeliveryMark {
  seq: number;
  venueTs: number;
  ingestedAt: number;
  committedAt: number;
  sentAt: number;
}

/** The latest fills of a desk, for measuring how long they took to each device. Bounded. */
export class DeliveryMarks {
  #marks: DeliveryMark[] = [];
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  note(frame: DeskFrame, committedAt: number, sentAt: number): void {
    if (frame.kind !== 'FillRecorded') return;
    const { ts, ingestedAt } = frame.data.fill;
    this.#marks.push({ seq: frame.seq, venueTs: ts, ingestedAt, committedAt, sentAt });
    if (this.#marks.length > this.#limit) this.#marks = this.#marks.slice(-this.#limit / 2);
  }

  /** The newest fill with `after` < seq ≤ `upTo`. */
  newest(after: number, upTo: number): DeliveryMark | undefined {
    return this.#marks.findLast((mark) => mark.seq > after && mark.seq <= upTo);
  }
}
