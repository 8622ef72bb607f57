import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { projectRoot } from '../../../projectRoot.ts';

/** What the comments above a schema's fields say, by the fields' names from the schema down: `latch.reason`. */
export type FieldNotes = ReadonlyMap<string, string>;

/** The comment above a schema itself. */
export const OF_ITSELF = '';

/**
 * Comments of the schemas in a source file: by exported constant, and for ops by their name. Clients read them in the
 * reference, while browsers are not sent them as part of the schemas.
 */
export function readFieldNotes(path: string): ReadonlyMap<string, FieldNotes> {
  const known = read.get(path);
  if (known !== undefined) return known;
  const { own, seen: constants } = constantsOf(path);
  const found = new Map<string, Map<string, string>>();
  for (const [name, declaration] of own) {
    const notes = new Map<string, string>();
    found.set(name, notes);
    const own = commentOf(declaration.parent.parent);
    if (own !== '') notes.set(OF_ITSELF, own);
    if (declaration.initializer !== undefined) collect(declaration.initializer, '', notes, constants);
  }
  for (const declaration of own.values()) collectOps(declaration, constants, found);
  read.set(path, found);
  return found;
}

type Constants = ReadonlyMap<string, ts.VariableDeclaration>;
const read = new Map<string, ReadonlyMap<string, FieldNotes>>();
const parsed = new Map<string, { own: Constants; seen: Constants }>();

/** The constants of a file, and with them those that it imports from others of ours. */
function constantsOf(path: string): { own: Constants; seen: Constants } {
  const known = parsed.get(path);
  if (known !== undefined) return known;
  const text = readFileSync(join(projectRoot(), path), 'utf8');
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);
  const own = new Map<string, ts.VariableDeclaration>();
  const seen = new Map<string, ts.VariableDeclaration>();
  parsed.set(path, { own, seen });
  for (const statement of source.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations)
        if (ts.isIdentifier(declaration.name)) own.set(declaration.name.text, declaration);
    } else if (ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier)) {
      const specifier = statement.moduleSpecifier.text;
      if (!specifier.startsWith('.')) continue;
      for (const [name, declaration] of constantsOf(join(dirname(path), specifier)).own)
        seen.set(name, declaration);
    }
  }
  for (const [name, declaration] of own) seen.set(name, declaration);
  return { own, seen };
}

/** Ops are entries such as `'orders.submit': op(class, summary, args, result)`: notes as `<op>#args`, `<op>#result`. */
function collectOps(
  declaration: ts.VariableDeclaration,
  constants: Constants,
  found: Map<string, Map<string, string>>,
): void {
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && ts.isCallExpression(node.initializer)) {
      const { expression, arguments: given } = node.initializer;
      if (ts.isIdentifier(expression) && expression.text === 'op') {
        for (const [index, part] of [
          [2, 'args'],
          [3, 'result'],
        ] as const) {
          const notes = new Map<string, string>();
          found.set(`${nameOf(node.name)}#${part}`, notes);
          const argument = given[index];
          if (argument !== undefined) collect(argument, '', notes, constants);
        }
        return;
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(declaration);
}

function collect(node: ts.Node, path: string, notes: Map<string, string>, constants: Constants): void {
  if (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)) {
    const name = nameOf(node.name);
    const below = path === '' ? name : `${path}.${name}`;
    const comment = commentOf(node);
    if (comment !== '') notes.set(below, comment);
    const value = ts.isPropertyAssignment(node) ? node.initializer : node.name;
    collect(value, below, notes, constants);
    return;
  }
  if (ts.isIdentifier(node)) {
    // Named in this file and written out once: what is said there holds here too.
    const declared = constants.get(node.text)?.initializer;
    if (declared !== undefined) collect(declared, path, notes, constants);
    return;
  }
  ts.forEachChild(node, (child) => collect(child, path, notes, constants));
}

function nameOf(name: ts.PropertyName): string {
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : name.getText();
}

/** The text of the doc comment right before a node, as one line or, where it has a list, as several. */
function commentOf(node: ts.Node): string {
  const [doc] = ts.getJSDocCommentsAndTags(node).slice(-1);
  const text = doc !== undefined && ts.isJSDoc(doc) ? ts.getTextOfJSDocComment(doc.comment) : undefined;
  return (text ?? '')
    .split('\n')
    .reduce((joined, line) => {
      const isItem = line.startsWith('- ');
      return joined === '' ? line : `${joined}${isItem ? '\n' : ' '}${line.trim()}`;
    }, '')
    .trim();
}
