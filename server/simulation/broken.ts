/** An invariant does not hold. */
export class InvariantBroken extends Error {
  override name = 'InvariantBroken';

  constructor(
    /** Number and name, as in spec/simulation.md. */
    readonly invariant: string,
    detail: string,
  ) {
    super(`${invariant}: ${detail}`);
  }
}
