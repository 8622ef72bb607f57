import { type ChildProcess, fork } from 'node:child_process';
import { endsWithParent } from '../projectRoot.ts';
import { bundleProgram } from './bundleProgram.ts';

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
    const bundle = await bundleProgram(name);
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
