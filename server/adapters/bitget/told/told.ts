import type { Decimal } from '../../../../shared/domain/decimal.ts';
import type { VenueFill, VenueOrder } from '../../../ports/venue.ts';

/** An order as the exchange tells it: what it does not tell is null. */
export interface ToldOrder extends Omit<VenueOrder, 'size' | 'reduceOnly'> {
  /** The id it had before it was amended; null: it kept its id. */
  replacesOrderId: string | null;
  /** Of a stop that fired: the plain order that it became; null: it has not fired, or that is not told. */
  becameOrderId: string | null;
  /** Null: of a stop, the whole position, or it is not told. */
  size: Decimal | null;
  /** Null: it is not told. */
  reduceOnly: boolean | null;
}

/** A fill as the exchange tells it: what it does not tell is null. */
export interface ToldFill extends Omit<VenueFill, 'realisedPnl' | 'source'> {
  /** What `fee` is in. */
  feeCoin: string | null;
  realisedPnl: Decimal | null;
  source: VenueFill['source'] | null;
}
