import type { Clock } from '../../../ports/clock.ts';
import { VenueUnavailable } from '../../../ports/venue.ts';
import { ANSWER_TIMEOUT_MS } from './windows.ts';

/** The time within which the venue answers, or says that it cannot. */
export class AnswerTime {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(ANSWER_TIMEOUT_MS, () =>
        reject(new VenueUnavailable('the simulated venue did not answer in time')),
      );
      work.then(resolve, reject).finally(cancel);
    });
  }

  /** Of what the store is asked. */
  async ofStore<T>(rows: Promise<T>): Promise<T> {
    try {
      return await this.of(rows);
    } catch (error) {
      throw error instanceof VenueUnavailable
        ? error
        : new VenueUnavailable('the venue store did not answer', { cause: error });
    }
  }
}
