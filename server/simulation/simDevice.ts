/** A device that shows one desk, as the world knows it. */
export interface SimDevice {
  /** Whoever served it is gone, or has lost its desk. */
  resume(): void;
  /** Throws unless it shows exactly what is committed up to where it is. */
  check(): void;
  /** Why it does not show all that is committed; undefined: it does. */
  behind(): string | undefined;
}
