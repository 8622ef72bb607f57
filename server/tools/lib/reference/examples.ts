import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../projectRoot.ts';

/** Where examples are kept that a test has exchanged with a real server. */
export const EXAMPLES_FILE = 'docs/examples.json';

interface Exchanged {
  request: Record<string, unknown>;
  reply: Record<string, unknown>;
}

export interface Examples {
  /** By route, such as `POST /auth/login`. */
  routes: Record<string, { body: unknown; status: number; answer: unknown }>;
  /** By op; other forms of it as `<op> (preview)`. */
  ops: Record<string, Exchanged>;
  /** By `<channel>/<kind>`. */
  pushes: Record<string, Record<string, unknown>>;
  /** By kind. */
  frames: Record<string, Record<string, unknown>>;
  /** By code. */
  errors: Record<string, Exchanged>;
}

export function readExamples(): Examples {
  return JSON.parse(readFileSync(join(projectRoot(), EXAMPLES_FILE), 'utf8')) as Examples;
}
