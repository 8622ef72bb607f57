import type { WireError } from '../../shared/protocol/errors.ts';

/** A read that is not served, and what whoever asked is told. */
export class RefusedRead extends Error {
  override name = 'RefusedRead';
  readonly wire: WireError;

  constructor(wire: WireError) {
    super(wire.message);
    this.wire = wire;
  }
}
