import type { VenueRefusal } from '../../shared/domain/cause.ts';
import type { VenueAnswer } from '../ports/venue.ts';

const WORD = 'injected';

/** What a fault makes the venue say. */
export const injectedRefusal = (code: VenueRefusal): VenueAnswer => ({
  outcome: 'rejected',
  code,
  message: WORD,
});

/** Whether a fault refused it: not the venue, which would say something of the engine. */
export const isInjected = (answer: VenueAnswer): boolean =>
  answer.outcome === 'rejected' && answer.message === WORD;
