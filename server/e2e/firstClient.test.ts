import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { projectRoot } from '../projectRoot.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { lacksPython, PYTHON } from '../testing/e2e/python.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';

const cleanups = cleanupsAfterEach();
const run = promisify(execFile);

/** How a reader runs each kind of snippet, from a file of this name. */
const RUNS: Record<string, { file: string; program: string }> = {
  sh: { file: 'snippet.sh', program: 'sh' },
  js: { file: 'snippet.mjs', program: process.execPath },
  py: { file: 'snippet.py', program: PYTHON },
};

/** What each of them says when it has done what the page promises, in order. */
const SAYS = [/"access_token"/, /^$/, /placed and cancelled/, /renamed, durable at \d+/];

it.skipIf(lacksPython())(
  '[MET-17] every snippet of "First client in ten minutes" runs as it stands',
  async () => {
    const page = readFileSync(join(projectRoot(), 'docs/first-client.md'), 'utf8');
    const snippets = [...page.matchAll(/^```(\w+) run\n([\s\S]*?)^```$/gm)];
    expect(snippets).toHaveLength(SAYS.length);
    const server = await ServerProcess.start();
    cleanups.push(() => server.stop());
    const folder = mkdtempSync(join(tmpdir(), 'fillwire-snippets-'));
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
    symlinkSync(join(projectRoot(), 'node_modules'), join(folder, 'node_modules'));
    const env = { ...process.env, FILLWIRE: server.url };
    for (const [index, [, language = '', text = '']] of snippets.entries()) {
      const how = RUNS[language];
      if (how === undefined) throw new Error(`nobody knows how to run ${language}`);
      writeFileSync(join(folder, how.file), text);
      const { stdout } = await run(how.program, [how.file], { cwd: folder, env });
      expect(stdout).toMatch(SAYS[index] ?? /never/);
    }
  },
);
