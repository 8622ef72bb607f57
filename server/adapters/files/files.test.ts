import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { RecordingLogger } from '../../testing/recordingLogger.ts';
import { AccountDirectoryFile } from './accountDirectory.ts';
import { PanicJournalFile, PanicJournalFolder, type PanicStep } from './panicJournal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fw-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const started: PanicStep = { step: 'started', ts: 1, panicId: 'p1', accountId: 'a', venue: 'sim', found: [] };
const close: PanicStep = {
  ...{ step: 'close', ts: 2, clientOrderId: 'panic1', symbol: 'BTCUSDT', side: 'sell' },
  size: dec('0.5'),
} as const;
const finished: PanicStep = { step: 'finished', ts: 3, flat: true, residual: [] };

it('[PANIC-6] [INV-1] a step is there to be read as soon as it is written; read up to a line, only what came after is given again', async () => {
  const logger = new RecordingLogger();
  const journals = new PanicJournalFolder(folder, logger);
  const mine = new Set(['a']);
  expect(await journals.pending(mine)).toEqual([]);
  const journal = new PanicJournalFile(folder, 'p1');
  journal.write(started);
  journal.write(close);
  expect(await journals.pending(new Set(['b']))).toEqual([]);
  const [first] = await journals.pending(mine);
  const { ts: _, step: __, ...kept } = { ...close, ts: 2 };
  expect(first?.record).toEqual({
    panicId: 'p1',
    accountId: 'a',
    startedAt: 1,
    closes: [{ ...kept, ts: 2 }],
    finished: null,
  });
  journal.write(finished);
  if (first !== undefined) await journals.consumed(first);
  // It went on after it was read.
  const [second] = await journals.pending(mine);
  expect(second?.record.finished).toEqual({ flat: true, residual: [] });
  if (second !== undefined) await journals.consumed(second);
  expect(await journals.pending(mine)).toEqual([]);
  // Another process knows it too.
  expect(await new PanicJournalFolder(folder, logger).pending(mine)).toEqual([]);
  expect(statSync(journal.path).mode & 0o077).toBe(0);
  expect(() => new PanicJournalFile(folder, 'p1')).toThrow('EEXIST');
});

it('[PANIC-6] a line that was cut off or damaged is left out, the others hold', async () => {
  const logger = new RecordingLogger();
  const journal = new PanicJournalFile(folder, 'p1');
  journal.write(started);
  appendFileSync(journal.path, '{"step":"nonsense"}\n');
  journal.write(close);
  appendFileSync(journal.path, '{"step":"clo');
  const [found] = await new PanicJournalFolder(folder, logger).pending(new Set(['a']));
  expect(found?.record.closes).toHaveLength(1);
  expect(logger.has('damaged')).toBe(true);
});

it('[PANIC-7] accounts are written whole and readable by their owner alone; what is damaged is not guessed', async () => {
  const directory = new AccountDirectoryFile(folder);
  expect(await directory.read()).toEqual([]);
  const entry = { accountId: 'a', name: 'Main', deskId: 'u', venue: 'sim', book: 'simulated' } as const;
  await directory.save([[{ ...entry, accountId: 'b' }], [entry]]);
  expect((await directory.read()).map(({ accountId }) => accountId)).toEqual(['a', 'b']);
  await directory.save([[entry]]);
  expect(await directory.read()).toEqual([entry]);
  const path = join(folder, 'accounts.json');
  expect(readdirSync(folder)).toEqual(['accounts.json']);
  expect(statSync(path).mode & 0o077).toBe(0);
  writeFileSync(path, readFileSync(path, 'utf8').slice(0, 20));
  await expect(directory.read()).rejects.toThrow('--venue-account');
});
