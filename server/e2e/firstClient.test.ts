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
const SAYS = [
  /"access_token"/,
  /^$/,
  /OrderAccepted[\s\S]*OrderCancelled[\s\S]*placed and cancelled/,
  /renamed, durable at \d+/,
];

const PAGE = readFileSync(join(projectRoot(), 'docs/first-client.md'), 'utf8');
const SNIPPETS = [...PAGE.matchAll(/^```(\w+) run\n([\s\S]*?)^```$/gm)];

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fillwire-snippets-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

it('[MET-17] a snippet whose request fails leaves the login that was there', async () => {
  const folder = emptyFolder();
  const login = '{"refresh_token":"kept"}\n';
  writeFileSync(join(folder, 'login.json'), login);
  // Nobody listens there.
  const env = { ...process.env, FILLWIRE: 'http://127.0.0.1:1' };
  for (const [, language, text = ''] of SNIPPETS) {
    if (language !== 'sh') continue;
    await expect(run('sh', ['-c', text], { cwd: folder, env })).rejects.toThrow('Command failed');
    expect(readFileSync(join(folder, 'login.json'), 'utf8')).toBe(login);
  }
});

it.skipIf(lacksPython())(
  '[MET-17] every snippet of "First client in ten minutes" runs as it stands',
  async () => {
    expect(SNIPPETS).toHaveLength(SAYS.length);
    const server = await ServerProcess.start();
    cleanups.push(() => server.stop());
    const folder = emptyFolder();
    symlinkSync(join(projectRoot(), 'node_modules'), join(folder, 'node_modules'));
    const env = { ...process.env, FILLWIRE: server.url };
    for (const [index, [, language = '', text = '']] of SNIPPETS.entries()) {
      const how = RUNS[language];
      if (how === undefined) throw new Error(`nobody knows how to run ${language}`);
      writeFileSync(join(folder, how.file), text);
      const { stdout } = await run(how.program, [how.file], { cwd: folder, env });
      expect(stdout).toMatch(SAYS[index] ?? /never/);
    }
  },
);
