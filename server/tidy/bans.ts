import ts from 'typescript';
import { isTestFile } from './importRules.ts';
import { lineOf, type SourceFile, visitNodes } from './sourceFiles.ts';

/** Names the core must not use, and what to use instead. */
const CORE_GLOBALS: Record<string, string> = {
  Date: 'time comes with the input (wallTime, marketTime)',
  performance: 'time comes with the input (wallTime, marketTime)',
  setTimeout: 'return an effect that asks for a timer; its end comes back as an input',
  setInterval: 'return an effect that asks for a timer; its end comes back as an input',
  setImmediate: 'decide at once: the runtime does the yielding',
  queueMicrotask: 'decide at once: the runtime does the yielding',
  Promise: 'return an effect; its outcome comes back as an input',
  process: 'pass it in with the context',
  fetch: 'return an effect; its outcome comes back as an input',
  globalThis: 'pass it in with the context',
  crypto: 'ids come with the input; hash() from node:crypto',
  console: 'return an event or a note; the runtime logs',
  parseFloat: 'money is exact: parseDecimal of shared/domain/decimal.ts',
};

/** Names the runtime must not use: where time jumps, stands still and repeats, it has to as well. */
const OWN_TIME: Record<string, string> = {
  Date: 'now() of the clock it is given (server/ports/clock.ts)',
  performance: 'elapsed() of the clock it is given',
  setTimeout: 'after() of the clock it is given',
  setInterval: 'after() of the clock it is given, again and again',
  setImmediate: 'soon() of the clock it is given',
  queueMicrotask: 'soon() of the clock it is given',
  process: 'the clock it is given, or a port',
  globalThis: 'the clock it is given, or a port',
};
/** Modules that lead around a clock. */
const TIMER_MODULES = /^(node:)?(timers(\/promises)?|perf_hooks|process)$/;

/** Each use of time, timers or turns of the loop in the runtime that does not come from the clock it is given. */
export function ownTimeProblems(file: SourceFile): string[] {
  if (!file.path.startsWith('server/runtime/') || isTestFile(file.path)) return [];
  const problems = file.imports
    .filter(({ target }) => TIMER_MODULES.test(target))
    .map(({ target }) => `${file.path} imports ${target}: the clock it is given has time, timers and turns`);
  visitNodes(file.syntax, (node) => {
    if (ts.isPropertyAccessExpression(node) && node.getText(file.syntax) === 'AbortSignal.timeout')
      problems.push(`${file.path}:${lineOf(file, node)} uses AbortSignal.timeout: within() of deadline.ts`);
    if (!ts.isIdentifier(node) || !isFreeName(node) || !Object.hasOwn(OWN_TIME, node.text)) return;
    problems.push(`${file.path}:${lineOf(file, node)} uses ${node.text}: ${OWN_TIME[node.text]}`);
  });
  return problems;
}

/** Where an order's events are made: each change of its status passes by the table there. */
const ORDER_WRITER = 'server/core/order/writeOrder.ts';

/** Each event of an order that the core makes elsewhere. */
export function orderWriterProblems(file: SourceFile): string[] {
  if (!file.path.startsWith('server/core/') || isTestFile(file.path) || file.path === ORDER_WRITER) return [];
  const problems: string[] = [];
  visitNodes(file.syntax, (node) => {
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
    const [kind] = node.arguments;
    if (node.expression.name.text !== 'emit' || kind === undefined) return;
    visitNodes(kind, (part) => {
      if (!ts.isStringLiteral(part) || !part.text.startsWith('Order')) return;
      problems.push(
        `${file.path}:${lineOf(file, node)} emits ${part.text}: addOrder and writeOrder of ${ORDER_WRITER} do, so that its status keeps to the one table`,
      );
    });
  });
  return problems;
}

/** Functions that turn money into floats or back, and where each may be used: for indicators and strategies. */
const FLOAT_PLACES = /^server\/core\/(strategy|market)\//;
const FLOAT_BRIDGES: Record<string, RegExp> = {
  // A strategy is told its entry price as a float; nothing comes back from there.
  toFloat: /^server\/core\/(strategy\/|market\/|bot\/evaluateBot\.ts$)/,
  decFromFloat: FLOAT_PLACES,
};

/** Each use of what the deterministic core must not use. */
export function coreProblems(file: SourceFile): string[] {
  if (!file.path.startsWith('server/core/') || isTestFile(file.path)) return [];
  const problems: string[] = [];
  const report = (node: ts.Node, what: string, instead: string): void => {
    problems.push(`${file.path}:${lineOf(file, node)} uses ${what}: ${instead}`);
  };
  visitNodes(file.syntax, (node) => {
    if (isOtherCrypto(node)) report(node, 'node:crypto', 'of it the core takes hash(), and nothing else');
    if (ts.isIdentifier(node) && isFreeName(node)) {
      const instead = CORE_GLOBALS[node.text];
      if (instead !== undefined && Object.hasOwn(CORE_GLOBALS, node.text)) report(node, node.text, instead);
    }
    if (ts.isPropertyAccessExpression(node) && node.getText(file.syntax) === 'Math.random') {
      report(node, 'Math.random', 'ids and seeds come with the input');
    }
    if (ts.isAwaitExpression(node))
      report(node, 'await', 'return an effect; its outcome comes back as an input');
    if (node.kind === ts.SyntaxKind.AsyncKeyword) report(node, 'async', 'decide and apply are synchronous');
    if (!FLOAT_PLACES.test(file.path)) reportFloats(file.path, node, report);
  });
  return problems;
}

/** An import of node:crypto that is not of its hash alone. */
function isOtherCrypto(node: ts.Node): boolean {
  if (!ts.isImportDeclaration(node)) return false;
  const { moduleSpecifier: from, importClause } = node;
  if (!ts.isStringLiteral(from) || from.text !== 'node:crypto') return false;
  return importClause?.getText() !== '{ hash }';
}

type Report = (node: ts.Node, what: string, instead: string) => void;

function reportFloats(path: string, node: ts.Node, report: Report): void {
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'Number') {
    report(node, 'Number()', 'money is exact: the functions of shared/domain/decimal.ts');
  }
  if (
    ts.isPropertyAccessExpression(node) &&
    ['parseFloat', 'toFixed', 'toPrecision'].includes(node.name.text)
  ) {
    report(node, node.name.text, 'money is exact: the functions of shared/domain/decimal.ts');
  }
  if (!ts.isImportSpecifier(node)) return;
  const name = (node.propertyName ?? node.name).text;
  const places = FLOAT_BRIDGES[name];
  if (places !== undefined && !places.test(path)) {
    report(node, name, 'floats are for indicators, in core/strategy and core/market');
  }
}

/** A name that refers to a global, not a member, key, declaration or type. */
function isFreeName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent) || ts.isBindingElement(parent)) return parent.initializer === node;
  const declared =
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isEnumMember(parent);
  return !declared && !ts.isQualifiedName(parent) && !ts.isImportSpecifier(parent);
}

/** Programs for the command line. */
const CONSOLE_PLACES = /^(scripts|server\/bench|server\/tools)\//;

/** `console` outside programs for the command line. */
export function consoleProblems(file: SourceFile): string[] {
  if (CONSOLE_PLACES.test(file.path)) return [];
  const problems: string[] = [];
  visitNodes(file.syntax, (node) => {
    if (ts.isIdentifier(node) && node.text === 'console' && isFreeName(node)) {
      problems.push(`${file.path}:${lineOf(file, node)} uses console: log through server/ports/logger.ts`);
    }
  });
  return problems;
}

/** A file that only passes on what others export. */
export function barrelProblems(file: SourceFile): string[] {
  const { statements } = file.syntax;
  const reexports = statements.filter(
    (statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined,
  );
  const barrel = /(^|\/)index\.ts$/.test(file.path) || reexports.length > 0;
  return barrel ? [`${file.path} passes on exports of others: import from the file that holds it`] : [];
}
