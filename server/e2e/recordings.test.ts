import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { madeRecording } from '../testing/e2e/madeRecording.ts';
import { passableDataDir } from '../testing/e2e/passableDataDir.ts';
import { Program } from '../testing/e2e/program.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { Trader } from '../testing/e2e/trader.ts';

const cleanups = cleanupsAfterEach();

/** Minutes of Bitcoin under a name that says so. */
function recorded(minutes: number): string {
  const { path, remove } = madeRecording('BTCUSDT', minutes);
  cleanups.push(remove);
  return path;
}

/** The file, changed row by row; null: without that row. */
function change(path: string, row: (fields: string[], index: number) => string[] | null): string {
  const [head = '', ...rows] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const changed = rows.flatMap((text, index) => row(text.split(','), index)?.join(',') ?? []);
  writeFileSync(path, `${[head, ...changed].join('\n')}\n`);
  return path;
}

/** Prices as those of a coin of half a dollar. */
const cheap = ([time = '', ...prices]: string[]): string[] => [
  time,
  ...prices.slice(0, 4).map((price) => (Number(price) / 100_000).toFixed(4)),
  ...prices.slice(4),
];

function renamed(path: string, name: string): string {
  const to = join(dirname(path), name);
  renameSync(path, to);
  return to;
}

const FALSE: [what: string, make: () => string, args: string[], said: string][] = [
  [
    'hours',
    () => change(recorded(3_000), (fields, index) => (index % 60 === 0 ? fields : null)),
    [],
    'most rows are 60 minutes or more apart',
  ],
  ['prices of another market', () => change(recorded(400), cheap), [], 'is not one of BTCUSDT'],
  [
    'another market by its name',
    () => renamed(recorded(400), 'XRPUSDT_1m.csv'),
    ['--symbol', 'BTCUSDT'],
    'by its name it is of XRPUSDT, not of BTCUSDT',
  ],
];

it.each(FALSE)('[MET-35] npm run replay refuses %s and names the file', async (_what, make, args, said) => {
  const file = make();
  const replay = await Program.start('replay', {}, [file, '--preset', 'demo', ...args]);
  await replay.ended();
  expect(replay.exitCode).toBe(2);
  const refusal = replay.lines.filter((line) => line.includes(said));
  expect(refusal).toHaveLength(1);
  expect(refusal[0]).toContain(file);
});

it('[MET-35] npm run replay plays a file as the market that its name says', async () => {
  const file = renamed(change(recorded(400), cheap), 'XRPUSDT_1m.csv');
  const replay = await Program.start('replay', {}, [file, '--preset', 'demo']);
  await replay.ended();
  expect([replay.exitCode, replay.lines]).toEqual([
    0,
    expect.arrayContaining(['the books equal the venue to the last digit']),
  ]);
});

it.each(FALSE.slice(0, 2))('[MET-35] the server refuses to play %s', async (_what, make, _args, said) => {
  const file = make();
  const dataDir = passableDataDir();
  cleanups.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const env = { HOST: '127.0.0.1', PORT: '0', FILLWIRE_DATA_DIR: dataDir };
  const server = await Program.start('main', env, ['--replay', file]);
  await server.ended();
  expect(server.exitCode).not.toBe(0);
  expect(server.lines.join('\n')).toContain(said);
  expect(server.lines.join('\n')).toContain(file);
});

it('[MET-35] another recording under a used name has data of its own, and the first one keeps its', async () => {
  // Played at all, it is played as the market that its name says.
  const file = renamed(change(recorded(600), cheap), 'XRPUSDT_1m.csv');
  const first = readFileSync(file);
  const server = await ServerProcess.start({ replay: { file, speed: 1 } });
  cleanups.push(() => server.stop());
  const trader = await Trader.register(server.url);
  cleanups.push(() => trader.close());
  change(file, (fields, index) => (index === 599 ? [...fields.slice(0, 5), '11'] : fields));
  await server.restart('SIGTERM');
  await expect(trader.login()).rejects.toMatchObject({ code: 'unauthenticated' });
  writeFileSync(file, first);
  await server.restart('SIGTERM');
  await expect(trader.login()).resolves.toBeDefined();
});
