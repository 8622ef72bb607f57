import type { MarginMode } from '../../../../shared/domain/account.ts';
import type { VenueEnding } from '../../../../shared/domain/cause.ts';
import type { Side, TimeInForce, TriggerBy } from '../../../../shared/domain/order.ts';
import type { Direction } from '../../../../shared/domain/position.ts';
import type { VenueFill } from '../../../ports/venue.ts';

/* The exchange's words, which differ between its APIs, in capital and small letters. */

type Word = string | null | undefined;

export function sideOf(word: string): Side | undefined {
  const small = word.toLowerCase();
  return small === 'buy' || small === 'sell' ? small : undefined;
}

/** Whose side it is; one-way accounts may tell `net`, or the side that trades. */
export function directionOf(word: Word): Direction | null {
  switch (word?.toLowerCase()) {
    case 'long':
    case 'buy':
      return 'long';
    case 'short':
    case 'sell':
      return 'short';
    default:
      return null;
  }
}

/** The side that closes a position. */
export const closingSide = (direction: Direction): Side => (direction === 'long' ? 'sell' : 'buy');

export const marginModeOf = (word: Word): MarginMode =>
  word?.toLowerCase() === 'isolated' ? 'isolated' : 'cross';

export const marginWord = (mode: MarginMode): 'isolated' | 'crossed' =>
  mode === 'isolated' ? 'isolated' : 'crossed';

export function triggerByOf(word: Word): TriggerBy | null {
  switch (word?.toLowerCase()) {
    case 'mark':
    case 'mark_price':
      return 'mark';
    case 'market':
    case 'fill_price':
      return 'last';
    default:
      return null;
  }
}

export function timeInForceOf(word: Word): TimeInForce | null {
  const small = word?.toLowerCase();
  return small === 'gtc' || small === 'ioc' || small === 'fok' || small === 'post_only' ? small : null;
}

export const isYes = (word: Word): boolean | null => {
  const small = word?.toLowerCase();
  return small === 'yes' ? true : small === 'no' ? false : null;
};

/** Ids of the exchange's own making, which it also gives as client ids to what it makes itself. */
const VENUE_ID = /^\d{15,20}$/;

/** An id that somebody gave it; null: none, or one that the exchange made. */
export const givenId = (clientOid: string | null): string | null =>
  clientOid === null || VENUE_ID.test(clientOid) ? null : clientOid;

/** What made a trade, where one of the words says so: who wrote it, how it came about, which side it was on. */
export function sourceOf(...words: Word[]): VenueFill['source'] | null {
  const said = words.flatMap((word) => (word == null ? [] : [word.toLowerCase()]));
  const says = (pattern: RegExp): boolean => said.some((word) => pattern.test(word));
  if (says(/adl/)) return 'adl';
  // Forced reductions close a part of what would be liquidated.
  if (says(/liquidat|^burst|^force|^reduce_/)) return 'liquidation';
  if (says(/^delivery/)) return 'settlement';
  if (says(/loss/)) return 'stop';
  if (says(/profit/)) return 'take_profit';
  return null;
}

/** What it is called when a side of a position is opened or closed; null: it is not said. */
export function closesOf(tradeSide: Word): boolean | null {
  const small = tradeSide?.toLowerCase() ?? '';
  if (small === 'open') return false;
  return /close|^(burst|reduce|offset|delivery|dte_sys_adl|force)/.test(small) ? true : null;
}

/** Why an order ended that did not fill, from the exchange's word or else from what it was told to do. */
export function endingOf(status: string, reason: Word, timeInForce: TimeInForce | null): VenueEnding | null {
  if (status !== 'cancelled') return null;
  const word = reason?.toLowerCase() ?? '';
  if (/liquidat|burst/.test(word)) return 'liquidation';
  if (timeInForce === 'ioc' || timeInForce === 'fok') return 'ioc';
  if (timeInForce === 'post_only' && word !== 'normal_cancel') return 'post_only';
  return word === 'normal_cancel' ? 'requested' : null;
}
