import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Below node_modules, so that the bundle finds the packages it leaves out. */
const FOLDER = fileURLToPath(new URL('../../node_modules/.cache/fillwire-test', import.meta.url));

/** A program of server/testing/programs as one file, which is there as long as this process. */
export async function bundleProgram(name: string): Promise<string> {
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
  return bundle;
}
