import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** Debian's, for which its package of websockets is; another python3 on the path may have none. */
export const PYTHON = '/usr/bin/python3';

/** As `requireOrSkip`: true where there is no Python with websockets. */
export function lacksPython(): boolean {
  if (spawnSync(PYTHON, ['-c', 'import websockets']).status === 0) return false;
  if (process.env.FILLWIRE_FORBID_SKIPS === '1')
    throw new Error(`${PYTHON} has no websockets (Debian: python3-websockets), and no skip is allowed`);
  return true;
}

/** A Python program of this project that tells what it does as one JSON object a line. */
export class PythonProgram {
  /** What it told, in order. */
  readonly told: Record<string, unknown>[] = [];
  readonly #process: ChildProcess;
  readonly #errors: string[] = [];

  private constructor(child: ChildProcess) {
    this.#process = child;
    if (child.stdout !== null)
      createInterface({ input: child.stdout }).on('line', (line) =>
        this.told.push(JSON.parse(line) as Record<string, unknown>),
      );
    if (child.stderr !== null)
      createInterface({ input: child.stderr }).on('line', (line) => this.#errors.push(line));
  }

  /** `path`: from the project root. */
  static start(path: string, args: readonly string[]): PythonProgram {
    return new PythonProgram(spawn(PYTHON, [path, ...args], { cwd: ROOT, stdio: ['pipe', 'pipe', 'pipe'] }));
  }

  /** The first line that fits. Throws with its errors when it ends before. */
  line(what: string, fits: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    return eventually(
      () => `${what} among ${JSON.stringify(this.told.slice(-3))}\n${this.#errors.join('\n')}`,
      () => {
        const found = this.told.find(fits);
        if (found === undefined && this.#process.exitCode !== null)
          throw new Error(`it ended with ${this.#process.exitCode}:\n${this.#errors.join('\n')}`);
        return found;
      },
    );
  }

  /** As a person would press Enter. */
  enter(): void {
    this.#process.stdin?.write('\n');
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }
}
