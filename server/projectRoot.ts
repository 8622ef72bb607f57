import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The folder with package.json, migrations/ and dist/: the same whether run from sources or from a bundle. */
export function projectRoot(from: string = import.meta.url): string {
  let folder = dirname(fileURLToPath(from));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error('package.json is missing above the server: the installation is incomplete');
    folder = parent;
  }
  return folder;
}

/** Arguments for Node that end a program when the process that started it is gone. */
export function endsWithParent(): string[] {
  return ['--import', pathToFileURL(join(projectRoot(), 'scripts/endWithParent.mjs')).href];
}
