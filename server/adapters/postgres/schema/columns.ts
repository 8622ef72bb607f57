import { customType } from 'drizzle-orm/pg-core';

/**
 * Text compared byte by byte: order and indexes are then the same on every server and survive a change of the
 * operating system's collations.
 */
export const byteText = customType<{ data: string }>({ dataType: () => 'text collate "C"' });

/** Milliseconds since 1970. int8, which the driver hands over as text. */
export const epochMs = customType<{ data: number; driverData: string }>({
  dataType: () => 'bigint',
  fromDriver: Number,
  toDriver: String,
});

/** An exact decimal as its canonical string: unconstrained numeric keeps the digits it was given. */
export const decimal = customType<{ data: string }>({ dataType: () => 'numeric' });

export const bytes = customType<{ data: Uint8Array; driverData: Buffer }>({
  dataType: () => 'bytea',
  fromDriver: (value) => Uint8Array.from(value),
  toDriver: (value) => Buffer.from(value),
});
