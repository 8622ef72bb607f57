import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { endsWithParent } from '../../projectRoot.ts';
import { eventually } from './eventually.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** Log lines kept of one process, for looking at after a failure. */
const KEPT_LINES = 5_000;

let built: Promise<unknown> | undefined;

/** A bundled program of the product as a process of its own, as people start it, and what it logged. */
export class Program {
  readonly lines: string[] = [];
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #said: Promise<void>;

  private constructor(child: ChildProcess) {
    this.#process = child;
    this.#ended = new Promise((resolve) => child.once('exit', () => resolve()));
    this.#said = new Promise((resolve) => child.once('close', () => resolve()));
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        if (this.lines.length > KEPT_LINES) this.lines.shift();
      });
    }
  }

  /** `name`: the entry in dist/server, built first when its sources changed. */
  static async start(name: string, env: Record<string, string>, args: string[] = []): Promise<Program> {
    await Program.#build();
    return Program.of(join(ROOT, 'dist/server', `${name}.mjs`), env, args);
  }

  static async #build(): Promise<void> {
    built ??= promisify(execFile)(process.execPath, [join(ROOT, 'scripts/build.mjs'), 'server']);
    await built;
  }

  /** `file`: any program. */
  static of(file: string, env: Record<string, string>, args: string[] = []): Program {
    const child = spawn(process.execPath, [...endsWithParent(), file, ...args], {
      cwd: ROOT,
      env: { ...process.env, NODE_ENV: 'development', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new Program(child);
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Null while it runs, and after a signal. */
  get exitCode(): number | null {
    return this.#process.exitCode;
  }

  /** The first line with this text, once it is there. Throws when the process ends without it. */
  async line(text: string): Promise<string> {
    return eventually(
      () => `the line "${text}" in:\n${this.lines.slice(-30).join('\n')}`,
      () => {
        const line = this.lines.find((candidate) => candidate.includes(text));
        if (line === undefined && this.hasEnded)
          throw new Error(
            `ended with ${this.exitCode} before "${text}":\n${this.lines.slice(-30).join('\n')}`,
          );
        return line;
      },
    );
  }

  /** Sends a signal that does not end it: SIGSTOP, SIGCONT. */
  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Resolves when it has ended. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (!this.hasEnded) this.#process.kill(signal);
    await this.#ended;
  }

  /** Resolves when it has ended by itself, and all that it said is here. */
  ended(): Promise<void> {
    return this.#said;
  }
}
