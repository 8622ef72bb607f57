import type { AccountPush, PrivateSpeech } from '../sockets/privateStream.ts';
import { parseAccountPush } from './account.ts';
import { parseFillsOfOrderPush } from './fills.ts';
import { parseOrderPush } from './orders.ts';
import { parsePlanPush } from './planOrders.ts';
import { parsePositionPush } from './positions.ts';

const channelOf = (channel: string) => ({ instType: 'USDT-FUTURES', channel, instId: 'default' });

/** The classic account's private stream. Its orders tell their fills, with our id, which its fills do not. */
export const privateSpeech: PrivateSpeech = {
  path: '/v2/ws/private',
  topics: {
    account: { instType: 'USDT-FUTURES', channel: 'account', coin: 'default' },
    positions: channelOf('positions'),
    orders: channelOf('orders'),
    'orders-algo': channelOf('orders-algo'),
  },
  read(topic, data): AccountPush[] {
    switch (topic) {
      case 'orders':
        // The fill first: an order that says it is filled is then known by what filled it.
        return [
          ...parseFillsOfOrderPush(data).map((fill): AccountPush => ({ type: 'fill', fill })),
          ...parseOrderPush(data).map((order): AccountPush => ({ type: 'order', order })),
        ];
      case 'orders-algo':
        return parsePlanPush(data).map((order) => ({ type: 'order', order }));
      case 'positions':
        return parsePositionPush(data).map((position) => ({ type: 'position', position }));
      case 'account':
        return Object.keys(parseAccountPush(data)).length === 0 ? [] : [{ type: 'wallet' }];
      default:
        return [];
    }
  },
};
