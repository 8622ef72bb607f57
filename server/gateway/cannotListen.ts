/** Somebody else has the port, or the address is not this machine's: said to whoever starts the server. */
export class CannotListen extends Error {
  override name = 'CannotListen';

  constructor(host: string, port: number) {
    super(
      `cannot listen on ${host}:${port}: the port is taken, perhaps by another Fillwire, or the address is not ours; PORT and HOST choose others`,
    );
  }
}
