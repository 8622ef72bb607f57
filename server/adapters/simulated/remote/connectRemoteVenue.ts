import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { MarketFeed } from '../../../ports/marketFeed.ts';
import { type Venue, VenueUnavailable } from '../../../ports/venue.ts';
import type { VenueControl } from '../venue/venueControl.ts';
import { remoteControl } from './remoteControl.ts';
import { RemoteFeed } from './remoteFeed.ts';
import { RemoteVenue } from './remoteVenue.ts';
import { VenueLink } from './venueLink.ts';

/** How long `start` waits for the venue process, wall milliseconds. */
const FIRST_CONNECT_MS = 30_000;

export interface ConnectRemoteVenue {
  /** Where `npm run venue` listens: ws://127.0.0.1:8711 */
  url: string;
  token: string;
  clock: Clock;
  logger: Logger;
}

export interface ConnectedVenue {
  venue: Venue;
  feed: MarketFeed;
  /** Refused unless the token given is the one for it. */
  control: VenueControl;
  /** Resolves once connected; from then on the connection keeps itself up. Throws VenueUnavailable after 30 s. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A venue process and its market, used from this one. */
export function connectRemoteVenue(options: ConnectRemoteVenue): ConnectedVenue {
  let onFirstWelcome: () => void = () => {};
  const feed: RemoteFeed = new RemoteFeed(() => link, options.clock, options.logger);
  const link: VenueLink = new VenueLink(options, {
    onWelcome: (welcome) => {
      feed.connected(welcome);
      void venue.connected(welcome);
      onFirstWelcome();
    },
    onMessage: (message) => {
      if (message.type === 'push') venue.push(message.push);
      else if (message.type === 'bar') feed.onBar(message.bar);
      else if (message.type === 'gap') feed.onGap(message.symbol, message.reason);
      else if (message.type === 'instruments') feed.onInstruments(message.instruments);
      else {
        feed.told(message.marketTime);
        if (message.type === 'quotes') feed.onQuotes(message.quotes);
      }
    },
    onLost: (reason) => {
      venue.lost(reason);
      feed.lost(reason);
    },
  });
  const venue: RemoteVenue = new RemoteVenue(link, () => feed.marketTime());
  return {
    venue,
    feed,
    control: remoteControl(link),
    start: () =>
      new Promise((resolve, reject) => {
        const cancel = options.clock.after(FIRST_CONNECT_MS, () => {
          link.stop();
          reject(new VenueUnavailable(`no venue answers at ${options.url}: ${link.lastTrouble}`));
        });
        onFirstWelcome = () => {
          cancel();
          resolve();
        };
        link.start();
      }),
    stop: async () => {
      link.stop();
    },
  };
}
