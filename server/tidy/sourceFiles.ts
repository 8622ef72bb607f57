import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCE_FOLDERS = ['server', 'shared', 'client', 'scripts'];

export interface ImportStatement {
  /** From the project root for ours (`shared/domain/order.ts`), the specifier itself for packages. */
  target: string;
  ours: boolean;
  typeOnly: boolean;
  /** Names taken, as exported; empty for dynamic and side-effect imports. */
  names: string[];
}

export interface SourceFile {
  /** From the project root, with forward slashes. */
  path: string;
  text: string;
  imports: ImportStatement[];
  syntax: ts.SourceFile;
}

/** Parses one source text; for Svelte components, their scripts. */
export function parseSource(path: string, text: string): SourceFile {
  const script = path.endsWith('.svelte') ? svelteScripts(text) : text;
  const syntax = ts.createSourceFile(path, script, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);
  return { path, text, syntax, imports: findImports(path, syntax) };
}

/** Every TypeScript file and Svelte component of the project. */
export function readSourceFiles(): SourceFile[] {
  return listFiles(SOURCE_FOLDERS, /(?<!\.d)\.(ts|svelte)$/).map((path) => parseSource(path, readText(path)));
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Paths from the root of files below `folders` whose names match, sorted. */
export function listFiles(folders: readonly string[], pattern: RegExp): string[] {
  const visit = (folder: string): string[] =>
    readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : visit(path);
      return pattern.test(entry.name) ? [path] : [];
    });
  return folders.flatMap(visit).sort();
}

/** Calls `visitor` on every node, parents first. */
export function visitNodes(node: ts.Node, visitor: (node: ts.Node) => void): void {
  visitor(node);
  ts.forEachChild(node, (child) => visitNodes(child, visitor));
}

export function lineOf(file: SourceFile, node: ts.Node): number {
  return file.syntax.getLineAndCharacterOfPosition(node.getStart(file.syntax)).line + 1;
}

function svelteScripts(text: string): string {
  return [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1] ?? '').join('\n');
}

function findImports(path: string, syntax: ts.SourceFile): ImportStatement[] {
  const imports: ImportStatement[] = [];
  const add = (specifier: string, typeOnly: boolean, names: string[]): void => {
    const ours = specifier.startsWith('.');
    imports.push({
      target: ours ? normalize(join(dirname(path), specifier)) : specifier,
      ours,
      typeOnly,
      names,
    });
  };
  visitNodes(syntax, (node) => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      add(node.moduleSpecifier.text, isTypeOnlyImport(node), importedNames(node));
    } else if (
      ts.isExportDeclaration(node) &&
      node.moduleSpecifier &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      add(node.moduleSpecifier.text, node.isTypeOnly, []);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      if (ts.isStringLiteral(node.argument.literal)) add(node.argument.literal.text, true, []);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments;
      if (specifier && ts.isStringLiteral(specifier)) add(specifier.text, false, []);
    }
  });
  return imports;
}

function namedElements(node: ts.ImportDeclaration): readonly ts.ImportSpecifier[] {
  const bindings = node.importClause?.namedBindings;
  return bindings && ts.isNamedImports(bindings) ? bindings.elements : [];
}

function importedNames(node: ts.ImportDeclaration): string[] {
  return namedElements(node).map((element) => (element.propertyName ?? element.name).text);
}

/** `import type { … }`, or `import { type A, type B }` where nothing of value is left. */
function isTypeOnlyImport(node: ts.ImportDeclaration): boolean {
  const clause = node.importClause;
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const elements = namedElements(node);
  return clause.name === undefined && elements.length > 0 && elements.every((element) => element.isTypeOnly);
}
