import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import type { Structure } from './catalog.ts';

/*
 * A backup file: one line that says what it is, a gzip stream, and one line with the SHA-256 of everything before it.
 * In the stream: records of one type byte, four bytes of length, the payload. `J` is JSON, `D` rows as COPY writes
 * them.
 */

export const MAGIC = 'FILLWIRE-BACKUP 1\n';
const TRAILER_LABEL = '\nsha256 ';
const TRAILER_BYTES = TRAILER_LABEL.length + 64 + 1;
/** No record of ours is longer; more means that the file is not what it says. */
const RECORD_MAX_BYTES = 1_100_000_000;
const HEAD_BYTES = 5;

/** The first record. */
export interface BackupHeader {
  kind: 'header';
  /** Wall time, ms. */
  createdAt: number;
  /** Of the log it was taken from. */
  epoch: string;
  structure: Structure;
}

/** Before the rows of `structure.tables[index]`. */
export interface TableRecord {
  kind: 'table';
  index: number;
}

/** The last record: how many rows each table has, to compare. */
export interface EndRecord {
  kind: 'end';
  rows: number[];
}

export type JsonRecord = BackupHeader | TableRecord | EndRecord;
export type BackupRecord = { json: JsonRecord } | { rows: Buffer };

export function encodeRecord(record: BackupRecord): Buffer {
  const payload = 'json' in record ? Buffer.from(JSON.stringify(record.json)) : record.rows;
  const head = Buffer.alloc(HEAD_BYTES);
  head.write('json' in record ? 'J' : 'D', 0, 'latin1');
  head.writeUInt32BE(payload.length, 1);
  return Buffer.concat([head, payload]);
}

export function trailer(sha256: string): string {
  return `${TRAILER_LABEL}${sha256}\n`;
}

/** Rows end with a newline; one inside a value is written as two other characters. */
export function countRows(rows: Buffer): number {
  let count = 0;
  for (let at = rows.indexOf(10); at !== -1; at = rows.indexOf(10, at + 1)) count += 1;
  return count;
}

/**
 * Reads the whole file once and compares its checksum.
 *
 * @returns where its gzip stream ends.
 * @throws Error when it is no backup, of another version, cut off or damaged.
 */
export async function verifyFile(file: string): Promise<number> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const magic = await handle.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
    const start = magic.buffer.toString('latin1');
    if (start !== MAGIC) {
      const ours = start.startsWith('FILLWIRE-BACKUP');
      throw new Error(
        `${file} is ${ours ? 'a backup of another version of Fillwire' : 'not a Fillwire backup'}`,
      );
    }
    const end = size - TRAILER_BYTES;
    const tail = await handle.read(Buffer.alloc(TRAILER_BYTES), 0, TRAILER_BYTES, Math.max(end, 0));
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file, { end: Math.max(end - 1, 0) }))
      hash.update(chunk as Buffer);
    if (end <= MAGIC.length || tail.buffer.toString('latin1') !== trailer(hash.digest('hex'))) {
      throw new Error(`${file} is damaged or incomplete: its checksum does not match. Nothing was changed.`);
    }
    return end;
  } finally {
    await handle.close();
  }
}

/** The records of a verified file. */
export async function* readRecords(file: string, end: number): AsyncGenerator<BackupRecord> {
  const stream = createReadStream(file, { start: MAGIC.length, end: end - 1 }).pipe(createGunzip());
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    pending = pending.length === 0 ? (chunk as Buffer) : Buffer.concat([pending, chunk as Buffer]);
    for (;;) {
      if (pending.length < HEAD_BYTES) break;
      const length = pending.readUInt32BE(1);
      if (length > RECORD_MAX_BYTES)
        throw new Error(`a record of ${length} bytes: the file is not what it says`);
      if (pending.length < HEAD_BYTES + length) break;
      const payload = pending.subarray(HEAD_BYTES, HEAD_BYTES + length);
      const isJson = pending[0] === 'J'.charCodeAt(0);
      pending = pending.subarray(HEAD_BYTES + length);
      yield isJson ? { json: JSON.parse(payload.toString('utf8')) as JsonRecord } : { rows: payload };
    }
  }
  if (pending.length > 0) throw new Error('the backup ends in the middle of a record');
}
