import { dirname } from 'node:path';
import ts from 'typescript';
import { lineOf, type SourceFile, visitNodes } from './sourceFiles.ts';

const RUNTIME = /^server\/runtime\//;
const TEST = /\.test\.ts$/;
/** The part that stands for all of them: who has one has wired it. */
const WHOLE = 'Engine';
/** Worlds of one part without the others. */
const ALONE: Readonly<Record<string, RegExp>> = {
  // Bars have a world of their own, and the gateway's has no engine.
  BarHub: /^server\/testing\/market\/hubSetup\.ts$/,
  DeskTroubles: /^server\/testing\/gatewayWorld\.ts$/,
  StoreHealth: /^server\/testing\/gatewayWorld\.ts$/,
};

/**
 * Each use of `new` that wires a part of the runtime outside it, or in two places of it: hosts, worlds, replays and benches
 * take `createKernel`. A test beside the parts may make any but the engine itself.
 */
export function wiringProblems(files: readonly SourceFile[]): string[] {
  const parts = new Map(files.flatMap(partsOf));
  const places = new Map<string, string[]>();
  const problems: string[] = [];
  for (const file of files) {
    visitNodes(file.syntax, (node) => {
      if (!ts.isNewExpression(node) || !ts.isIdentifier(node.expression)) return;
      const part = node.expression.text;
      const home = parts.get(part);
      if (home === undefined || ALONE[part]?.test(file.path) === true) return;
      if (file.path !== home && !takes(file, part, home)) return;
      const place = `${file.path}:${lineOf(file, node)}`;
      const isTest = TEST.test(file.path);
      if (!RUNTIME.test(file.path) || (isTest && part === WHOLE))
        problems.push(`${place} makes a ${part}: only server/runtime/kernel.ts wires it; take createKernel`);
      else if (!isTest && dirname(home) === 'server/runtime')
        places.set(part, [...(places.get(part) ?? []), place]);
    });
  }
  for (const [part, made] of places)
    if (made.length > 1)
      problems.push(`${made.join(' and ')} make a ${part}: one place makes it and hands it on`);
  return problems;
}

/** Others may have a name like it. */
const takes = (file: SourceFile, part: string, home: string): boolean =>
  file.imports.some(({ target, names }) => target === home && names.includes(part));

/** Classes that the runtime is made of, each with the file that declares it; errors are none. */
function partsOf(file: SourceFile): [part: string, home: string][] {
  if (!RUNTIME.test(file.path) || TEST.test(file.path)) return [];
  return file.syntax.statements.flatMap((statement): [string, string][] => {
    if (!ts.isClassDeclaration(statement) || statement.name === undefined) return [];
    const bases = statement.heritageClauses?.filter(
      (clause) => clause.token === ts.SyntaxKind.ExtendsKeyword,
    );
    return bases?.length ? [] : [[statement.name.text, file.path]];
  });
}
