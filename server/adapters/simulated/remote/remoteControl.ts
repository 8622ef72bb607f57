import type { VenueControl } from '../venue/venueControl.ts';
import type { VenueLink } from './venueLink.ts';

/** The hand of the exchange itself, in the venue's own process. */
export function remoteControl(link: VenueLink): VenueControl {
  return {
    deleverage: async (account, symbol, size) => {
      await link.call('deleverage', [account, symbol, size], null);
    },
    changeInstrument: async (symbol, change) => {
      await link.call('changeInstrument', [symbol, change], null);
    },
    endInstrument: async (symbol) => {
      await link.call('endInstrument', [symbol], null);
    },
    movePrice: async (symbol, ratio) => {
      await link.call('movePrice', [symbol, ratio], null);
    },
  };
}
