import { listFiles, readText } from './sourceFiles.ts';

/** `ABC-1` of a rule, `R9` of a row that was promised (spec/rows.md). */
const ID = /[A-Z][A-Z0-9]*-\d+[a-z]?|[RDN]\d{1,2}/.source;
const RULE_LINE = new RegExp(`^\\s*(?:[-*|]|\\d+\\.)?\\s*(?:\\*\\*)?\\[(${ID})\\]`);
const CITATION = new RegExp(`\\[((?:${ID})(?:\\s*,\\s*(?:${ID}))*)\\]`, 'g');

/** Rule id → the file that states it, from texts by path. `repeated` holds ids stated twice. */
export function findRules(texts: ReadonlyMap<string, string>): {
  rules: Map<string, string>;
  repeated: string[];
} {
  const rules = new Map<string, string>();
  const repeated: string[] = [];
  for (const [path, text] of texts) {
    for (const line of text.split('\n')) {
      const id = RULE_LINE.exec(line)?.[1];
      if (id === undefined) continue;
      if (rules.has(id)) repeated.push(`${id} in ${rules.get(id)} and ${path}`);
      rules.set(id, path);
    }
  }
  return { rules, repeated };
}

/** Rule id → the first test that cites it, as `[ABC-1]` or `[ABC-1, ABC-2]`. */
export function findCitations(texts: ReadonlyMap<string, string>): Map<string, string> {
  const citations = new Map<string, string>();
  for (const [path, text] of texts) {
    for (const match of text.matchAll(CITATION)) {
      for (const id of (match[1] ?? '').split(/\s*,\s*/)) {
        if (!citations.has(id)) citations.set(id, path);
      }
    }
  }
  return citations;
}

const textsOf = (paths: string[]): Map<string, string> =>
  new Map(paths.map((path) => [path, readText(path)]));

/** SPEC.md and its chapters. */
export function readSpecs(): Map<string, string> {
  const chapters = listFiles(['.'], /\.md$/).filter((path) => path === 'SPEC.md' || path.startsWith('spec/'));
  return textsOf(chapters);
}

/** Everything that can hold a test. */
export function readTests(): Map<string, string> {
  return textsOf(listFiles(['server', 'shared', 'client', 'scripts'], /(\.(test|contract)|Contract)\.ts$/));
}
