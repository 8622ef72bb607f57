import ts from 'typescript';
import { isTestFile } from './importRules.ts';
import { lineOf, type SourceFile, visitNodes } from './sourceFiles.ts';

/** Beyond this nobody knows at a call which is which. */
const MAX_PARAMETERS = 5;

/** Each function of the product with more parameters than can be told apart where it is called. */
export function parameterProblems(file: SourceFile): string[] {
  if (isTestFile(file.path)) return [];
  const problems: string[] = [];
  visitNodes(file.syntax, (node) => {
    if (!ts.isFunctionLike(node) || node.parameters.length <= MAX_PARAMETERS) return;
    const name = node.name?.getText(file.syntax) ?? 'a function';
    problems.push(
      `${file.path}:${lineOf(file, node)} ${name} takes ${node.parameters.length} parameters, more than ${MAX_PARAMETERS}: name what belongs together`,
    );
  });
  return problems;
}
