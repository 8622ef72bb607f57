import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { endsWithParent } from '../projectRoot.ts';

/** Below node_modules, so that the bundle finds the packages it leaves out. */
const FOLDER = fileURLToPath(new URL('../../node_modules/.cache/fillwire-test', import.meta.url));

/** A program of server/testing/programs as a process of its own, to be killed and started again. */
export class ChildProgram {
  readonly #process: ChildProcess;
  readonly #messages: unknown[] = [];
  #wake: (() => void) | undefined;

  private constructor(bundle: string, args: string[]) {
    this.#process = fork(bundle, args, {
      execArgv: endsWithParent(),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#process.on('message', (message) => {
      this.#messages.push(message);
      this.#wake?.();
    });
    this.#process.on('exit', () => this.#wake?.());
  }

  static async start(name: string, ...args: string[]): Promise<ChildProgram> {
    mkdirSync(FOLDER, { recursive: true });
    const bundle = join(FOLDER, `${name}.${process.pid}.mjs`);
    await build({
      entryPoints: [fileURLToPath(new URL(`./programs/${name}.ts`, import.meta.url))],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      packages: 'external',
    });
    process.once('exit', () => rmSync(bundle, { force: true }));
    return new ChildProgram(bundle, args);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  send(message: unknown): void {
    this.#process.send(message as object);
  }

  /** The next message it sends; rejects when it ends without one. */
  async receive<T>(): Promise<T> {
    while (this.#messages.length === 0) {
      if (this.#process.exitCode !== null || this.#process.signalCode !== null)
        throw new Error('the program has ended');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#messages.shift() as T;
  }

  /** SIGKILL, or another signal; resolves when it has ended. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    await new Promise((resolve) => {
      this.#process.once('exit', resolve);
      this.#process.kill(signal);
    });
  }
}
