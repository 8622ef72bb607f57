import { type ErrorText, errorText } from './errorText.ts';

/** One form's way to the server: under way or not, and what the last attempt was refused for, told beside the form. */
export class Submission {
  busy = $state(false);
  problem = $state.raw<ErrorText | null>(null);
  readonly #ownDeviceId: () => string | null;
  readonly #words: (error: unknown) => ErrorText | null;

  /** `ownDeviceId` tells whether the device that was first is this one; `words` are the form's own, null: the usual. */
  constructor(ownDeviceId: () => string | null, words: (error: unknown) => ErrorText | null = () => null) {
    this.#ownDeviceId = ownDeviceId;
    this.#words = words;
  }

  /** Whether `work` was done; a second one while one is under way is not begun. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = null;
    try {
      await work();
      return true;
    } catch (error) {
      this.problem = this.#words(error) ?? errorText(error, this.#ownDeviceId());
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** Forgets a refusal: what was asked for is no longer what the form says. */
  clear(): void {
    this.problem = null;
  }
}
