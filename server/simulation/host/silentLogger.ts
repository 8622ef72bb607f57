import type { Logger } from '../../ports/logger.ts';

const nothing = (): void => {};

/** For processes whose story is told by the world. */
export const SILENT: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
