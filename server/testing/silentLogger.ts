import type { Logger } from '../ports/logger.ts';

/** For parts whose story a test tells by other means. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
