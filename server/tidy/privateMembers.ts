import ts from 'typescript';
import { lineOf, type SourceFile, visitNodes } from './sourceFiles.ts';

/** Each member or parameter that is private for the compiler alone: `#name` is so for everybody. Constructors have no other way. */
export function privateMemberProblems(file: SourceFile): string[] {
  const problems: string[] = [];
  visitNodes(file.syntax, (node) => {
    if (node.kind !== ts.SyntaxKind.PrivateKeyword || ts.isConstructorDeclaration(node.parent)) return;
    problems.push(`${file.path}:${lineOf(file, node)} says private: write #name`);
  });
  return problems;
}
