import type * as Uws from 'uWebSockets.js';
import { createRequire } from 'node:module';

/** From this Node ABI on (Node 24) the newer binary is needed; the older one has none for it. */
const FIRST_ABI_OF_NEXT = 137;

/**
 * Loads the uWebSockets.js binary that fits this Node. Throws an Error that says what this machine lacks where there
 * is none: the vendor's own message names versions of Node but not the C library.
 */
export function loadUws(): typeof Uws {
  const name =
    Number(process.versions.modules) >= FIRST_ABI_OF_NEXT ? 'uWebSockets.js-next' : 'uWebSockets.js';
  try {
    const loaded: typeof Uws = createRequire(import.meta.url)(name);
    return loaded;
  } catch (cause) {
    const here = `Node ${process.versions.node} on ${process.platform}-${process.arch}`;
    throw new Error(
      `uWebSockets.js does not load here (${here}). Fillwire runs on Node 20.19+ or 22 with glibc 2.27 or newer, ` +
        'and on Node 24 or newer with glibc 2.38 or newer (Debian 13, Ubuntu 24.04).',
      { cause },
    );
  }
}
