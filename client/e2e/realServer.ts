import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { endsWithParent } from '../../server/projectRoot.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(ROOT, 'dist/server/main.mjs');

/** The product as people start it: its own process, an empty data directory, the embedded database and venue. */
export class RealServer {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #dataDir: string;

  private constructor(url: string, child: ChildProcess, dataDir: string) {
    this.url = url;
    this.#child = child;
    this.#dataDir = dataDir;
  }

  /** Rejects when it ends before it is ready. */
  static async start(): Promise<RealServer> {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: npm run build`);
    const dataDir = mkdtempSync(join(tmpdir(), 'fillwire-e2e-'));
    const child = spawn(process.execPath, [...endsWithParent(), MAIN], {
      cwd: ROOT,
      env: { ...process.env, NODE_ENV: 'development', PORT: '0', FILLWIRE_DATA_DIR: dataDir },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stderr?.resume();
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout ?? [] })) {
      lines.push(line);
      const url = /"url":"(http[^"]+)"/.exec(line)?.[1];
      if (url === undefined) continue;
      child.stdout?.resume();
      return new RealServer(url, child, dataDir);
    }
    throw new Error(`the server ended before it was ready:\n${lines.join('\n')}`);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.exitCode === null) {
      this.#child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}
