/** A request that ends with a code of the protocol, whatever it asks. */
export class Failure extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}
