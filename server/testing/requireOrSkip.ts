import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * For suites that need a program npm does not bring: `describe.skipIf(requireOrSkip('redis-server'))`. True, hence
 * visibly skipped, when it is not installed; throws instead where FILLWIRE_FORBID_SKIPS=1.
 */
export function requireOrSkip(program: string): boolean {
  if (findProgram(program) !== undefined) return false;
  if (process.env.FILLWIRE_FORBID_SKIPS === '1')
    throw new Error(`${program} is not installed, and no skip is allowed`);
  return true;
}

function findProgram(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
