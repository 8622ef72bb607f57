import { listFiles } from './sourceFiles.ts';

const NAMED = /`([\w./-]+\.(?:test\.)?(?:ts|mjs|svelte))`/g;
const FOLDERS = ['server', 'shared', 'client', 'scripts', 'examples'];
const AT_THE_TOP = /^(drizzle|vitest)\.config\.ts$/;

/** Files that a page names in backticks, by path or by the end of it, and that do not exist. */
export function missingFiles(page: string, text: string): string[] {
  const paths = listFiles(FOLDERS, /\.(ts|mjs|svelte)$/);
  const isThere = (name: string): boolean =>
    AT_THE_TOP.test(name) || paths.some((path) => path === name || path.endsWith(`/${name}`));
  const names = [...text.matchAll(NAMED)].map((match) => match[1] ?? '');
  return [...new Set(names)]
    .filter((name) => !isThere(name))
    .map((name) => `${page} names ${name}: there is no such file`);
}
