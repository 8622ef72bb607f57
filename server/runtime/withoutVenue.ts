import type { Effect } from '../core/effects.ts';
import type { Input } from '../core/inputs.ts';
import type { VenueAnswer } from '../ports/venue.ts';

/** What becomes of an effect whose venue this server does not have: nothing was sent. Null: nobody can be asked. */
export function withoutVenue(effect: Exclude<Effect, { type: 'Say' } | { type: 'WatchBars' }>): Input | null {
  const reason = `this server has no venue ${effect.venue}`;
  // "Not now": it may be configured again.
  const answer: VenueAnswer = { outcome: 'rejected', code: 'maintenance', message: reason };
  switch (effect.type) {
    case 'PlaceOrder':
      return { type: 'OrderAnswered', orderId: effect.order.orderId, action: 'place', answer };
    case 'CancelOrder':
      return { type: 'OrderAnswered', orderId: effect.order.orderId, action: 'cancel', answer };
    case 'AmendOrder':
      return { type: 'OrderAnswered', orderId: effect.order.orderId, action: 'amend', answer };
    case 'ConfigureSymbol': {
      const { accountId, symbol, leverage, marginMode } = effect;
      return { type: 'SymbolAnswered', accountId, symbol, leverage, marginMode, answer };
    }
    case 'OpenAccount':
    case 'ReadAccount':
      return { type: 'AccountUnreadable', accountId: effect.accountId, reason };
    case 'FindOrder':
      return null;
  }
}
