import { dirname, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  barrelProblems,
  consoleProblems,
  coreProblems,
  orderWriterProblems,
  ownTimeProblems,
} from './tidy/bans.ts';
import { importProblems } from './tidy/importRules.ts';
import { luckProblems } from './tidy/luck.ts';
import { missingFiles } from './tidy/namedFiles.ts';
import { orphanProblems } from './tidy/orphans.ts';
import { parameterProblems } from './tidy/parameters.ts';
import { wiringProblems } from './tidy/parts.ts';
import { privateMemberProblems } from './tidy/privateMembers.ts';
import { findCitations, findRules, readSpecs, readTests } from './tidy/ruleIds.ts';
import { listFiles, parseSource, readSourceFiles, readText } from './tidy/sourceFiles.ts';

const files = readSourceFiles();
const MAX_LINES = 350;
const MAX_TEST_LINES = 600;
/** Tables of texts, one line each: nothing to split. */
const TEXT_TABLES = /^(client\/i18n|shared\/words)\/[a-z]{2}\.ts$/;

describe('the project', () => {
  test('[TIDY-1] imports only what its place allows', () => {
    expect(files.flatMap(importProblems)).toEqual([]);
  });

  test('[TIDY-2] keeps clock, randomness, timers, promises, I/O and float money out of the core', () => {
    expect(files.flatMap(coreProblems)).toEqual([]);
  });

  test('[TIDY-8] takes time, timers and turns of the loop in the runtime from the clock it is given', () => {
    expect(files.flatMap(ownTimeProblems)).toEqual([]);
  });

  test('[TIDY-9] wires the runtime in its kernel alone', () => {
    expect(wiringProblems(files)).toEqual([]);
  });

  test('[TIDY-12] [ORD-1] changes orders of the core in one place, past the one table of statuses', () => {
    expect(files.flatMap(orderWriterProblems)).toEqual([]);
  });

  test('[TIDY-3] writes to no console', () => {
    expect(files.flatMap(consoleProblems)).toEqual([]);
  });

  test('[TIDY-4] has no barrel files', () => {
    expect(files.flatMap(barrelProblems)).toEqual([]);
  });

  test('[TIDY-5] has no file that is too long to read', () => {
    const tooLong = files.flatMap(({ path, text }) => {
      const lines = text.split('\n').length - 1;
      const limit = path.endsWith('.test.ts') ? MAX_TEST_LINES : MAX_LINES;
      return lines > limit && !TEXT_TABLES.test(path)
        ? [`${path} has ${lines} lines, more than ${limit}: split it by what it holds`]
        : [];
    });
    expect(tooLong).toEqual([]);
  });

  test('[TIDY-15] has no function with more than five parameters', () => {
    expect(files.flatMap(parameterProblems)).toEqual([]);
  });

  test('[TIDY-16] writes private members in one way', () => {
    expect(files.flatMap(privateMemberProblems)).toEqual([]);
  });

  test('[TIDY-7] [FOUND-33] has no test that sleeps, or that a busy machine could fail', () => {
    expect(files.flatMap(luckProblems)).toEqual([]);
  });

  test('[TIDY-6] states each rule once, tests each, and cites none that is not there', () => {
    const { rules, repeated } = findRules(readSpecs());
    const citations = findCitations(readTests());
    expect(repeated, 'stated twice').toEqual([]);
    const missing = (ids: Map<string, string>, known: Map<string, string>): string[] =>
      [...ids].filter(([id]) => !known.has(id)).map(([id, path]) => `${id} in ${path}`);
    expect(missing(rules, citations), 'stated, but cited by no test').toEqual([]);
    expect(missing(citations, rules), 'cited, but stated nowhere').toEqual([]);
  });

  test('[TIDY-14] [MET-8] starts no process of Node that could outlive it', () => {
    expect(files.flatMap(orphanProblems)).toEqual([]);
  });

  test('[TIDY-13] names on its pages only files that are there', () => {
    const pages = ['ARCHITECTURE.md', 'README.md', ...listFiles(['spec'], /\.md$/)];
    expect(pages.flatMap((page) => missingFiles(page, readText(page)))).toEqual([]);
  });
});

describe('the checks themselves', () => {
  test('[TIDY-13] a file that was moved is found, one named by the end of its path is there', () => {
    expect(missingFiles('X.md', '`core/decide.ts`, see `core/settle.ts` and `wire.test.ts`')).toEqual([
      'X.md names core/settle.ts: there is no such file',
      'X.md names wire.test.ts: there is no such file',
    ]);
  });

  test('[TIDY-14] a process that would outlive its parent is found', () => {
    const found = (code: string) => orphanProblems(parseSource('server/x.ts', code)).length;
    expect(found("spawn(process.execPath, [MAIN], { stdio: 'inherit' });")).toBe(1);
    expect(found("fork(entry, [], { stdio: ['ipc'] });")).toBe(1);
    expect(found('spawn(process.execPath, [...endsWithParent(), MAIN]);')).toBe(0);
    expect(found("const child = fork(entry); process.on('disconnect', end);")).toBe(0);
    expect(found("spawn('redis-server', settings); spawnSync(process.execPath, [MAIN]);")).toBe(0);
  });

  test('[TIDY-16] a member that is private for the compiler alone is found', () => {
    const found = (code: string) => privateMemberProblems(parseSource('server/x.ts', code)).length;
    expect(found('class X { #a = 1; private constructor() {} }')).toBe(0);
    expect(found('class X { private a = 1; private b() {} constructor(private readonly c: C) {} }')).toBe(3);
  });

  test('[TIDY-15] a sixth parameter is found', () => {
    const found = (code: string) => parameterProblems(parseSource('server/x.ts', code)).length;
    expect(found('function f(a, b, c, d, e) {}')).toBe(0);
    expect(found('const f = (a, b, c, d, e, g) => a;')).toBe(1);
    expect(found('interface X { f(a: A, b: B, c: C, d: D, e: E, g: G): void }')).toBe(1);
    expect(found('class X { constructor(a, b, c, d, e, g) {} }')).toBe(1);
  });

  const importing = (path: string, code: string): string[] => importProblems(parseSource(path, code));

  test.each([
    ['shared/domain/x.ts', "import { op } from '../protocol/ops.ts';"],
    ['shared/domain/x.ts', "import { readFileSync } from 'node:fs';"],
    ['shared/view/x.ts', "import type { Clock } from '../../server/ports/clock.ts';"],
    ['server/core/x.ts', "import type { View } from '../../shared/view/view.ts';"],
    ['server/core/x.ts', "import { readFileSync } from 'node:fs';"],
    ['server/core/strategy/x.ts', "import { check } from '../risk/check.ts';"],
    ['server/core/strategy/x.ts', "import { post } from '../ledger.ts';"],
    ['server/ports/x.ts', "import type { Desk } from '../core/desk.ts';"],
    ['server/gateway/x.ts', "import { decide } from '../core/decide.ts';"],
    ['server/gateway/x.ts', "const log = await import('../adapters/postgres/log.ts');"],
    ['server/identity/x.ts', "import { socket } from '../gateway/socket.ts';"],
    ['server/runtime/x.ts', "import { log } from '../adapters/postgres/log.ts';"],
    ['server/runtime/x.ts', "import { compose } from '../compose.ts';"],
    ['server/runtime/x.ts', "import { fakeClock } from '../testing/fakeClock.ts';"],
    ['server/compose.ts', "import { faults } from './simulation/faults.ts';"],
    ['server/compose.ts', "import { startStandIn } from './standIn/bitget/startStandIn.ts';"],
    ['server/adapters/bitget/x.ts', "import { LIKELY } from '../../standIn/bitget/switches.ts';"],
    ['server/standIn/bitget/x.ts', "import { codes } from '../../adapters/bitget/errors/errorCodes.ts';"],
    ['server/standIn/bitget/x.ts', "import { RestClientV3 } from 'bitget-api';"],
    ['server/adapters/redis/x.ts', "import { sql } from '../postgres/sql.ts';"],
    ['server/adapters/redis/x.ts', "import { decide } from '../../core/decide.ts';"],
    ['server/adapters/redis/x.ts', "export { loop } from '../../runtime/loop.ts';"],
    [
      'client/views/Bots.svelte',
      '<script lang="ts">import { connect } from \'../../shared/sdk/client.ts\';</script>',
    ],
    ['client/stores/x.ts', "import { config } from '../../server/config.ts';"],
  ])('[TIDY-1] %s may not: %s', (path, code) => {
    expect(importing(path, code)).toHaveLength(1);
  });

  test.each([
    ['shared/protocol/x.ts', "import { dec } from '../domain/decimal.ts';"],
    ['server/core/strategy/x.ts', "import type { Strategy } from './strategy.ts';"],
    ['server/adapters/simulated/x.ts', "import type { Desk } from '../../core/desk.ts';"],
    ['server/adapters/simulated/x.ts', "import { random } from './random.ts';"],
    ['server/compose.ts', "import { log } from './adapters/postgres/log.ts';"],
    ['server/tools/simulate.ts', "import { run } from '../simulation/run.ts';"],
    ['server/tools/bitgetStandIn.ts', "import { LIKELY } from '../standIn/bitget/switches.ts';"],
    ['server/standIn/bitget/x.ts', "import { PROFILES } from '../../adapters/simulated/profiles.ts';"],
    ['server/runtime/x.test.ts', "import { fakeClock } from '../testing/fakeClock.ts';"],
    ['client/stores/x.ts', "import { FillwireClient } from '../../shared/sdk/client.ts';"],
  ])('[TIDY-1] %s may: %s', (path, code) => {
    expect(importing(path, code)).toEqual([]);
  });

  test.each([
    ['order/x.ts', "import { guardPosition } from '../protection/guardPosition.ts';", /on floor 7, above/],
    ['order/x.ts', "import type { FlatProof } from '../bot/advanceBot.ts';", /may not know bot/],
    ['bot/x.ts', "import { isStray } from '../emergency/refusals.ts';", /beside it on floor/],
    ['desk.ts', "import { apply } from './fold/apply.ts';", /words may not know fold/],
    ['facts/x.ts', "import { decide } from '../decide.ts';", /facts may not know doors/],
    ['newRoom/x.ts', "import { Turn } from '../turn/turn.ts';", /newRoom stands on no floor/],
  ])('[TIDY-11] server/core/%s may not: %s', (path, code, said) => {
    const problems = importing(`server/core/${path}`, code);
    expect(problems).toEqual([expect.stringMatching(said)]);
  });

  test('[TIDY-11] rooms of the core know those below them, the words, and themselves', () => {
    const code = `import { Turn } from '../turn/turn.ts'; import { openOrders } from '../desk.ts';
      import { flatten } from '../order/flatten.ts'; import { setStop } from './stopState.ts';`;
    expect(importing('server/core/protection/x.ts', code)).toEqual([]);
    expect(importing('server/core/decide.ts', "import { watch } from './watch/watch.ts';")).toEqual([]);
  });

  const inCore = (code: string, path = 'server/core/x.ts'): string[] => coreProblems(parseSource(path, code));

  test.each([
    'const at = Date.now();',
    'const at = new Date(0);',
    'const id = Math.random();',
    'setTimeout(() => {}, 5);',
    'export async function decide() {}',
    'const home = process.env.HOME;',
    'const price = parseFloat(text);',
    'const price = Number(order.price);',
    "import { toFloat } from '../../shared/domain/decimal.ts';",
    'const text = price.toFixed(2);',
    "import { hash, randomUUID } from 'node:crypto';",
    "import * as random from 'node:crypto';",
  ])('[TIDY-2] the core may not: %s', (code) => {
    const problems = inCore(code);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^server\/core\/x\.ts:1 uses .+: .+/);
  });

  test('[TIDY-12] an event of an order made elsewhere is found, and one of a position is none', () => {
    const made = (code: string, path = 'server/core/ledger/x.ts') =>
      orderWriterProblems(parseSource(path, code));
    expect(made("turn.emit('OrderUpdated', { order });")).toHaveLength(1);
    expect(made("turn.emit(isOver ? 'OrderCancelled' : 'OrderAccepted', { order });")).toHaveLength(2);
    expect(made("turn.emit('PositionChanged', { position, trade: null });")).toEqual([]);
    expect(made("turn.emit('OrderUpdated', { order });", 'server/core/order/writeOrder.ts')).toEqual([]);
  });

  test('[TIDY-2] names that only look alike are fine, and floats are where indicators are', () => {
    expect(
      inCore('interface Bill { process: string; Date: number }; const x = bill.process; // Date.now()'),
    ).toEqual([]);
    expect(
      inCore("import { toFloat } from '../../../shared/domain/decimal.ts';", 'server/core/strategy/x.ts'),
    ).toEqual([]);
  });

  const inRuntime = (code: string, path = 'server/runtime/x.ts'): string[] =>
    ownTimeProblems(parseSource(path, code));

  test.each([
    'const at = Date.now();',
    'const at = new Date();',
    'const at = performance.now();',
    'const timer = setTimeout(run, 5);',
    'await new Promise((resolve) => setImmediate(resolve));',
    'queueMicrotask(run);',
    'process.nextTick(run);',
    'globalThis.setTimeout(run, 5);',
    'fetchIt({ signal: AbortSignal.timeout(5) });',
    "import { setTimeout as delay } from 'node:timers/promises';",
    "const { performance: wall } = await import('node:perf_hooks');",
  ])('[TIDY-8] the runtime may not: %s', (code) => {
    expect(inRuntime(code)).toHaveLength(1);
  });

  test('[TIDY-8] what the clock gives, and the clocks themselves, are fine', () => {
    const code = 'clock.soon(run); clock.after(5, () => clock.now()); interface Row { Date: number }';
    expect(inRuntime(code)).toEqual([]);
    expect(inRuntime('const at = Date.now();', 'server/adapters/clock/x.ts')).toEqual([]);
    expect(inRuntime('setImmediate(resolve);', 'server/runtime/x.test.ts')).toEqual([]);
  });

  /** Two parts and an error of the runtime, and files that take them. */
  const wiring = (...places: [path: string, code: string][]): string[] => {
    const parts = parseSource(
      'server/runtime/engine.ts',
      'export class Engine {} export class Part {} export class Away extends Error {}',
    );
    const users = places.map(([path, code]) => {
      const from = `'${relative(dirname(path), 'server/runtime').replace(/^(?!\.)/, './')}/engine.ts'`;
      return parseSource(path, `import { Away, Engine, Part } from ${from};\n${code}`);
    });
    return wiringProblems([parts, ...users]);
  };

  test.each([
    ['server/compose.ts', 'new Engine();'],
    ['server/tools/lib/x.ts', 'const part = new Part();'],
    ['server/testing/runtime/x.ts', 'return new Part();'],
    ['server/bench/x.ts', 'new Engine();'],
    ['server/runtime/x.test.ts', 'new Engine();'],
  ])('[TIDY-9] %s may not: %s', (path, code) => {
    expect(wiring([path, code])).toHaveLength(1);
  });

  test('[TIDY-9] the runtime makes its parts, each in one place, and its tests single ones', () => {
    const kernel: [string, string] = ['server/runtime/kernel.ts', 'new Engine(); new Part(); new Map();'];
    expect(wiring(kernel, ['server/runtime/x.test.ts', 'new Part();'])).toEqual([]);
    expect(wiring(kernel, ['server/gateway/x.ts', 'throw new Away();'])).toEqual([]);
    expect(wiring(kernel, ['server/runtime/x.ts', 'new Part();'])).toHaveLength(1);
    const another = parseSource('client/x.ts', 'class Part {} new Part();');
    expect(wiringProblems([parseSource('server/runtime/part.ts', 'export class Part {}'), another])).toEqual(
      [],
    );
  });

  test('[TIDY-3, TIDY-4] console and barrels are found', () => {
    expect(consoleProblems(parseSource('server/runtime/x.ts', "console.log('x');"))).toHaveLength(1);
    expect(barrelProblems(parseSource('server/runtime/x.ts', "export * from './y.ts';"))).toHaveLength(1);
    expect(barrelProblems(parseSource('server/runtime/index.ts', 'export const x = 1;'))).toHaveLength(1);
  });

  const inTest = (code: string, path = 'server/runtime/x.test.ts'): string[] =>
    luckProblems(parseSource(path, code));

  test.each([
    "import { setTimeout as delay } from 'node:timers/promises';",
    'await new Promise((resolve) => setTimeout(resolve, 10));',
    'await vi.waitUntil(() => done);',
    "it('works', { timeout: 5_000 }, () => {});",
    'const SLOW = { timeout: 5_000 };',
    "test.each([1])('works', () => {}, 5_000);",
    'beforeAll(async () => {}, 120_000);',
  ])('[TIDY-7] a test may not: %s', (code) => {
    expect(inTest(code).length).toBeGreaterThan(0);
  });

  test('[TIDY-7] what grows with the work is fine, and so are clocks of tests and what is no test', () => {
    expect(inTest("it('works', { timeout: 600_000 + KILLS * 30_000 }, () => {});")).toEqual([]);
    expect(inTest("clock.advance(5_000); await waitUntil(() => done); say('setTimeout');")).toEqual([]);
    expect(inTest('setTimeout(resolve, 10);', 'server/testing/e2e/x.ts')).toEqual([]);
  });

  test('[TIDY-6] rules are lines that begin with their id; citations may be lists', () => {
    const id = (rule: string): string => `[${rule}]`;
    const specs = new Map([
      ['SPEC.md', `- ${id('ZZ-1')} one\n${id('ZZ-2')} two, see ${id('ZZ-9')}\n| ${id('ZZ-1')} again |`],
    ]);
    const { rules, repeated } = findRules(specs);
    expect([...rules.keys()]).toEqual(['ZZ-1', 'ZZ-2']);
    expect(repeated).toEqual(['ZZ-1 in SPEC.md and SPEC.md']);
    expect([...findCitations(new Map([['x.test.ts', `test('${id('ZZ-1, ZZ-2')} x')`]])).keys()]).toEqual([
      'ZZ-1',
      'ZZ-2',
    ]);
  });
});
