import ts from 'typescript';
import { lineOf, type SourceFile, visitNodes } from './sourceFiles.ts';

const TESTS = /\.(test|contract)\.ts$/;
/** Names by which a test waits for a while, and what it does instead. */
const SLEEPS: Record<string, string> = {
  setTimeout: 'wait for what must come: eventually, waitUntil, expect.poll',
  setInterval: 'wait for what must come: eventually, waitUntil, expect.poll',
  'node:timers/promises': 'wait for what must come; to strike at any moment: randomMoment',
};
/** They give up after a second unless told otherwise. */
const HASTY = new Set(['vi.waitFor', 'vi.waitUntil']);
const RUNNERS = /^(it|test|beforeAll|beforeEach|afterAll|afterEach)\b/;

/** Each fixed sleep and each time limit of its own in a test: what luck or a busy machine decides. */
export function luckProblems(file: SourceFile): string[] {
  if (!TESTS.test(file.path)) return [];
  const problems: string[] = [];
  const report = (node: ts.Node, what: string, instead: string): void => {
    problems.push(`${file.path}:${lineOf(file, node)} uses ${what}: ${instead}`);
  };
  visitNodes(file.syntax, (node) => {
    const text = ts.isStringLiteral(node) || ts.isIdentifier(node) ? node.text : '';
    const sleep = Object.hasOwn(SLEEPS, text) ? SLEEPS[text] : undefined;
    const isSource = ts.isStringLiteral(node) ? ts.isImportDeclaration(node.parent) : true;
    if (sleep !== undefined && isSource) report(node, text, sleep);
    if (ts.isPropertyAccessExpression(node) && HASTY.has(node.getText(file.syntax)))
      report(node, node.getText(file.syntax), 'the same of server/testing/patience.ts');
    if (ts.isPropertyAssignment(node) && node.name.getText(file.syntax) === 'timeout')
      if (ts.isNumericLiteral(node.initializer)) report(node, 'a time limit of its own', OURS);
    if (!ts.isCallExpression(node) || !RUNNERS.test(node.expression.getText(file.syntax))) return;
    const last = node.arguments.at(-1);
    if (last !== undefined && ts.isNumericLiteral(last)) report(last, 'a time limit of its own', OURS);
  });
  return problems;
}

const OURS = 'vitest.config.ts has one that only a hang can pass; a longer one grows with what is done';
