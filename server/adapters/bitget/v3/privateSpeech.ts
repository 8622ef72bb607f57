import type { VenueOrder } from '../../../ports/venue.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import type { AccountPush, PrivateSpeech } from '../sockets/privateStream.ts';
import { parseAccountPush } from './account.ts';
import { parseFillPush } from './fills.ts';
import { parseOrderPush } from './orders.ts';
import { parsePositionPush } from './positions.ts';
import { parseStrategyOrderPush, type ToldStop } from './strategyOrders.ts';

const topicOf = (topic: string) => ({ instType: 'UTA', topic });

/** Pushes name the side that trades: without one they tell nothing. */
function withSide({ side, ...stop }: ToldStop): VenueOrder {
  if (side === null)
    throw new BitgetError({ kind: 'no_sense' }, { code: null, message: 'a stop of no known side' });
  return { ...stop, side };
}

/** The unified account's private stream. */
export const privateSpeech: PrivateSpeech = {
  path: '/v3/ws/private',
  topics: {
    account: topicOf('account'),
    position: topicOf('position'),
    order: topicOf('order'),
    fill: topicOf('fill'),
    'strategy-order': topicOf('strategy-order'),
  },
  read(topic, data): AccountPush[] {
    switch (topic) {
      case 'order':
        return parseOrderPush(data).map((order) => ({ type: 'order', order }));
      case 'strategy-order':
        return parseStrategyOrderPush(data).map((stop) => ({ type: 'order', order: withSide(stop) }));
      case 'fill':
        return parseFillPush(data).map((fill) => ({ type: 'fill', fill }));
      case 'position':
        return parsePositionPush(data).map((position) => ({ type: 'position', position }));
      case 'account':
        return parseAccountPush(data) === undefined ? [] : [{ type: 'wallet' }];
      default:
        return [];
    }
  },
};
