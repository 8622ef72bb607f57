import ts from 'typescript';
import { lineOf, type SourceFile, visitNodes } from './sourceFiles.ts';

/** How a process of Node hears that the one which started it is gone. */
const HEARS = ['endsWithParent()', "process.on('disconnect'"];

/** Each process of Node that is started and would go on without whoever started it. */
export function orphanProblems(file: SourceFile): string[] {
  if (HEARS.some((way) => file.text.includes(way))) return [];
  const problems: string[] = [];
  visitNodes(file.syntax, (node) => {
    if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return;
    const { text } = node.expression;
    const isNode = node.arguments[0]?.getText(file.syntax) === 'process.execPath';
    if (text === 'fork' || (text === 'spawn' && isNode))
      problems.push(`${file.path}:${lineOf(file, node)} starts Node without endsWithParent()`);
  });
  return problems;
}
