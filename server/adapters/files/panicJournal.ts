import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sideSchema } from '../../../shared/domain/order.ts';
import type { PanicRecord } from '../../../shared/domain/panic.ts';
import { decimalOut, wallMs } from '../../../shared/domain/schemas.ts';
import type { Logger } from '../../ports/logger.ts';
import type { PanicJournals, PendingPanic } from '../../ports/panicJournals.ts';
import { writeWhole } from './wholeFile.ts';

const FOLDER = 'panic';
const JOURNAL = '.jsonl';
const CONSUMED = '.consumed';

const at = { ts: wallMs };
const stepSchema = z.discriminatedUnion('step', [
  z.object({
    step: z.literal('started'),
    ...at,
    panicId: z.string(),
    accountId: z.string(),
    venue: z.string(),
    /** What the venue had open, in words. */
    found: z.array(z.string()),
  }),
  z.object({ step: z.literal('cancel'), ...at, symbol: z.string(), venueOrderId: z.string() }),
  z.object({
    step: z.literal('close'),
    ...at,
    clientOrderId: z.string(),
    symbol: z.string(),
    side: sideSchema,
    size: decimalOut,
  }),
  z.object({ step: z.literal('answer'), ...at, of: z.string(), outcome: z.string(), message: z.string() }),
  z.object({ step: z.literal('finished'), ...at, flat: z.boolean(), residual: z.array(z.string()) }),
]);
/** A step of `npm run panic`: written, and on the disk, before it is taken. */
export type PanicStep = z.infer<typeof stepSchema>;

/** The journal of one run: only ever added to. */
export class PanicJournalFile {
  readonly path: string;
  readonly #file: number;

  constructor(dataDir: string, panicId: string) {
    const folder = join(dataDir, FOLDER);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.path = join(folder, `${panicId}${JOURNAL}`);
    this.#file = openSync(this.path, 'ax', 0o600);
    // The entry in the folder has to last as well.
    const entry = openSync(folder, 'r');
    fsyncSync(entry);
    closeSync(entry);
  }

  /** Returns once the step is on the disk. */
  write(step: PanicStep): void {
    writeSync(this.#file, `${JSON.stringify(step)}\n`);
    fsyncSync(this.#file);
  }
}

/** The journals below the data directory. Beside each, a file says how many of its lines the log has taken in. */
export class PanicJournalFolder implements PanicJournals {
  readonly #folder: string;
  readonly #logger: Logger;

  constructor(dataDir: string, logger: Logger) {
    this.#folder = join(dataDir, FOLDER);
    this.#logger = logger;
  }

  async pending(accountIds: ReadonlySet<string> | 'all'): Promise<PendingPanic[]> {
    const found: PendingPanic[] = [];
    for (const file of await this.#files()) {
      const steps = await this.#steps(file);
      const record = recordOf(steps);
      if (record === undefined || (accountIds !== 'all' && !accountIds.has(record.accountId))) continue;
      if (steps.length > (await this.#consumedLines(file)))
        found.push({ record, mark: { file, lines: steps.length } });
    }
    return found.sort((a, b) => a.record.startedAt - b.record.startedAt);
  }

  async consumed({ mark }: PendingPanic): Promise<void> {
    await writeWhole(join(this.#folder, `${mark.file}${CONSUMED}`), `${mark.lines}\n`);
  }

  async #files(): Promise<string[]> {
    try {
      return (await readdir(this.#folder)).filter((file) => file.endsWith(JOURNAL));
    } catch (error) {
      // Nobody ever panicked here.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  async #consumedLines(file: string): Promise<number> {
    return readFile(join(this.#folder, `${file}${CONSUMED}`), 'utf8').then(
      (text) => Number.parseInt(text, 10) || 0,
      () => 0,
    );
  }

  /** Its whole lines. The last one may have been cut off by a crash: then what it says was never done. */
  async #steps(file: string): Promise<PanicStep[]> {
    const lines = (await readFile(join(this.#folder, file), 'utf8')).split('\n').slice(0, -1);
    const steps: PanicStep[] = [];
    for (const line of lines) {
      const step = parseStep(line);
      if (step !== undefined) steps.push(step);
      else this.#logger.error({ file }, 'a line of a panic journal is damaged and is left out');
    }
    return steps;
  }
}

function parseStep(line: string): PanicStep | undefined {
  try {
    return stepSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function recordOf(steps: readonly PanicStep[]): PanicRecord | undefined {
  const [first] = steps;
  if (first?.step !== 'started') return undefined;
  const { panicId, accountId, ts } = first;
  const last = steps.findLast((step) => step.step === 'finished');
  return {
    panicId,
    accountId,
    startedAt: ts,
    closes: steps.flatMap((step) => {
      if (step.step !== 'close') return [];
      const { clientOrderId, symbol, side, size, ts } = step;
      return [{ clientOrderId, symbol, side, size, ts }];
    }),
    finished: last === undefined ? null : { flat: last.flat, residual: last.residual },
  };
}
